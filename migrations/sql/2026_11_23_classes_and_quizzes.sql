-- History that nobody can forget to write, and the words by which a bank is searched.

-- UUIDv7 for rows that only triggers write: 48 bits of milliseconds, then random bits.
CREATE FUNCTION app.new_id() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

CREATE FUNCTION app.acting_user() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;

-- Every change of a place in a class, by whatever way it came.
CREATE FUNCTION app.keep_enrollment_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  INSERT INTO app.enrollment_changes
    (district_id, school_id, id, enrollment_id, old_status, new_status, changed_by, changed_at)
  VALUES (NEW.district_id, NEW.school_id, app.new_id(), NEW.id,
    CASE TG_OP WHEN 'UPDATE' THEN OLD.status END, NEW.status, app.acting_user(),
    greatest(NEW.requested_at, NEW.decided_at));
  RETURN NULL;
END $$;

CREATE TRIGGER history_of_new AFTER INSERT ON app.class_enrollments
FOR EACH ROW EXECUTE FUNCTION app.keep_enrollment_history();
CREATE TRIGGER history_of_changed AFTER UPDATE OF status ON app.class_enrollments
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION app.keep_enrollment_history();

-- Every version of what is right and what it is worth.
CREATE FUNCTION app.count_key_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.key_version := OLD.key_version + 1;
  RETURN NEW;
END $$;

CREATE FUNCTION app.keep_key_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  INSERT INTO app.question_key_versions
    (district_id, school_id, question_id, version, correct_option, model_answer, rubric, points, changed_by)
  VALUES (NEW.district_id, NEW.school_id, NEW.id, NEW.key_version, NEW.correct_option, NEW.model_answer,
    NEW.rubric, NEW.points, app.acting_user());
  RETURN NULL;
END $$;

CREATE TRIGGER key_version_counted BEFORE UPDATE OF correct_option, model_answer, rubric, points ON app.questions
FOR EACH ROW WHEN ((OLD.correct_option, OLD.model_answer, OLD.rubric, OLD.points)
  IS DISTINCT FROM (NEW.correct_option, NEW.model_answer, NEW.rubric, NEW.points))
EXECUTE FUNCTION app.count_key_version();
CREATE TRIGGER key_version_of_new AFTER INSERT ON app.questions
FOR EACH ROW EXECUTE FUNCTION app.keep_key_version();
CREATE TRIGGER key_version_of_changed AFTER UPDATE ON app.questions
FOR EACH ROW WHEN (OLD.key_version IS DISTINCT FROM NEW.key_version) EXECUTE FUNCTION app.keep_key_version();

-- The distinct folded words of a text: "Zoë's café" is found by zoe, s and cafe (`app.fold`).
CREATE FUNCTION app.words(body text) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT DISTINCT left(word, 64)
  FROM regexp_split_to_table(app.fold(body) COLLATE pg_c_utf8, '[^[:alnum:]]+') AS found (word) WHERE word <> ''
$$;

CREATE FUNCTION app.keep_bank_question_terms() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM app.bank_question_terms t
    WHERE t.district_id = OLD.district_id AND t.bank_id = OLD.bank_id AND t.question_id = OLD.id;
  END IF;
  IF NEW.deleted_at IS NULL THEN
    INSERT INTO app.bank_question_terms (district_id, school_id, bank_id, term, question_id)
    SELECT NEW.district_id, NEW.school_id, NEW.bank_id, word, NEW.id
    FROM app.words(concat_ws(' ', NEW.name, NEW.prompt,
      (SELECT string_agg(item ->> 'text', ' ') FROM jsonb_array_elements(NEW.options) AS listed (item)))) AS found (word);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER terms_of_new AFTER INSERT ON app.bank_questions
FOR EACH ROW EXECUTE FUNCTION app.keep_bank_question_terms();
CREATE TRIGGER terms_of_changed AFTER UPDATE OF name, prompt, options, bank_id, deleted_at ON app.bank_questions
FOR EACH ROW EXECUTE FUNCTION app.keep_bank_question_terms();
