-- What a message said before it was edited or deleted is the school's record.

CREATE FUNCTION app.keep_message_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  INSERT INTO app.message_revisions (district_id, school_id, id, message_id, kind, body, changed_by, changed_at)
  VALUES (NEW.district_id, NEW.school_id, app.new_id(), NEW.id,
    CASE WHEN NEW.deleted_at IS NULL THEN 'edited' ELSE 'deleted' END, OLD.body, app.acting_user(),
    coalesce(NEW.deleted_at, NEW.edited_at, now()));
  RETURN NULL;
END $$;

CREATE TRIGGER history_of_changed AFTER UPDATE ON app.messages
FOR EACH ROW WHEN ((OLD.body, OLD.deleted_at) IS DISTINCT FROM (NEW.body, NEW.deleted_at))
EXECUTE FUNCTION app.keep_message_revision();

CREATE TRIGGER terms_of_new AFTER INSERT ON app.messages
FOR EACH ROW EXECUTE FUNCTION auth.keep_message_terms();
CREATE TRIGGER terms_of_changed AFTER UPDATE OF body, deleted_at ON app.messages
FOR EACH ROW EXECUTE FUNCTION auth.keep_message_terms();
