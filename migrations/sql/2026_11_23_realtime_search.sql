-- What messages are found by. Full-text operators are not leakproof: behind row security they lose their index, so the
-- words stand here, reached through one function that names the tenant and the school itself. Each message's words have
-- its conversation beside them as one more word: the index intersects what is looked for with where one may look. That
-- word begins with @, which no word of a text holds: nobody finds messages by looking for the ids of conversations.

CREATE TABLE auth.message_search (
  district_id uuid NOT NULL,
  school_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  message_id uuid NOT NULL,
  terms tsvector NOT NULL,
  PRIMARY KEY (district_id, message_id)
);
CREATE INDEX ix_message_search_terms ON auth.message_search USING gin (terms);

CREATE FUNCTION auth.message_terms(conversation uuid, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, auth AS $$
  SELECT array_to_tsvector(array_agg(word) || ('@' || conversation)) FROM app.words(body) AS found (word)
$$;

CREATE FUNCTION auth.keep_message_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  DELETE FROM message_search s WHERE s.district_id = NEW.district_id AND s.message_id = NEW.id;
  IF NEW.deleted_at IS NULL THEN
    INSERT INTO message_search (district_id, school_id, conversation_id, message_id, terms)
    VALUES (NEW.district_id, NEW.school_id, NEW.conversation_id, NEW.id,
      message_terms(NEW.conversation_id, NEW.body));
  END IF;
  RETURN NULL;
END $$;

-- The newest messages first whose words begin with all the words that are looked for, in these conversations. A
-- single letter is looked for as a word: a sixteenth of all words begins with it, and nobody reads those.
CREATE FUNCTION auth.search_messages(conversations uuid[], looked_for text, before uuid, most integer)
RETURNS TABLE (message_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
DECLARE
  words tsquery;
  places tsquery;
BEGIN
  SELECT string_agg(quote_literal(word) || CASE WHEN word ~ '^[a-z0-9]$' THEN '' ELSE ':*' END, ' & ')::tsquery
    INTO words FROM app.words(looked_for) AS found (word);
  SELECT string_agg(quote_literal('@' || place), ' | ')::tsquery INTO places FROM unnest(conversations) AS at (place);
  IF words IS NULL OR places IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH found AS MATERIALIZED (
    SELECT s.message_id FROM message_search s
    WHERE s.terms @@ (words && places) AND s.district_id = app.tenant() AND s.conversation_id = ANY (conversations)
      AND (app.scope() = 'district' OR s.school_id = app.scope_school())
  )
  SELECT f.message_id FROM found f WHERE before IS NULL OR f.message_id < before
  ORDER BY f.message_id DESC LIMIT least(most, 101);
END $$;

REVOKE ALL ON FUNCTION auth.message_terms(uuid, text), auth.keep_message_terms(),
  auth.search_messages(uuid[], text, uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.keep_message_terms(), auth.search_messages(uuid[], text, uuid, integer)
  TO app_rw, app_owner;
GRANT EXECUTE ON FUNCTION auth.message_terms(uuid, text) TO app_owner;
