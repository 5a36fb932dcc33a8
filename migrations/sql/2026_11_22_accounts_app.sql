-- Triggers on people: a search by the words of their names, and sessions that end with what they rest on.

-- "Zoë Müller-Ünal" is found by zoe, muller and unal. Lower case and without accents, in any alphabet: the collation
-- is named because lower() and [:alnum:] know ASCII only in a database that was made with LC_CTYPE=C.
CREATE FUNCTION app.fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT replace(replace(replace(translate(
    lower(regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE pg_c_utf8),
    'øłđħŧı', 'oldhti'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
$$;

CREATE FUNCTION app.search_terms(name text, email text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT word FROM regexp_split_to_table(app.fold(name) COLLATE pg_c_utf8, '[^[:alnum:]]+') AS words (word) WHERE word <> ''
  UNION SELECT app.fold(email)
$$;

CREATE FUNCTION app.keep_search_terms() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  DELETE FROM app.user_search_terms t WHERE t.district_id = NEW.district_id AND t.user_id = NEW.id;
  IF NEW.deleted_at IS NULL THEN
    INSERT INTO app.user_search_terms (district_id, school_id, term, user_id)
    SELECT NEW.district_id, NEW.school_id, term, NEW.id FROM app.search_terms(NEW.name, NEW.email) AS found (term);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER search_terms_of_new AFTER INSERT ON app.users
FOR EACH ROW EXECUTE FUNCTION app.keep_search_terms();
CREATE TRIGGER search_terms_of_changed AFTER UPDATE OF name, email, school_id, deleted_at ON app.users
FOR EACH ROW EXECUTE FUNCTION app.keep_search_terms();

-- Whoever demotes, moves, disables or removes a person ends their sessions in the same transaction, by whatever way.
CREATE TRIGGER sessions_of_changed AFTER UPDATE OF role, school_id, status, deleted_at ON app.users
FOR EACH ROW WHEN (
  OLD.role IS DISTINCT FROM NEW.role OR OLD.school_id IS DISTINCT FROM NEW.school_id
  OR (NEW.status IS DISTINCT FROM OLD.status AND NEW.status <> 'active')
  OR (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL))
EXECUTE FUNCTION auth.end_sessions_of_changed();
