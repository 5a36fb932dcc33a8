-- Whoever changes a grade, by whatever statement: its version counts up and the history has a line.

CREATE FUNCTION app.count_grade_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;

-- Exact numbers as text, as the API writes them: 8.0000 is "8".
CREATE FUNCTION app.exact(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT trim_scale(value)::text
$$;

-- ON CONFLICT: the release before this one writes its own line in the same statement, and that one comes first.
CREATE FUNCTION app.keep_grade_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  INSERT INTO app.grade_history (district_id, school_id, grade_id, version, old_score, new_score, possible,
    old_status, new_status, source, actor_id, reason, answer_id, changed_at, policy_version, state)
  VALUES (NEW.district_id, NEW.school_id, NEW.id, NEW.version,
    CASE TG_OP WHEN 'UPDATE' THEN OLD.score END, NEW.score, NEW.possible,
    CASE TG_OP WHEN 'UPDATE' THEN OLD.status END, NEW.status, NEW.source, NEW.changed_by, NEW.change_reason,
    NEW.changed_for_answer, NEW.changed_at, NEW.policy_version,
    jsonb_build_object('entered_score', trim_scale(NEW.entered_score)::text,
      'deduction', trim_scale(NEW.deduction)::text, 'late_seconds', NEW.late_seconds, 'is_excused', NEW.is_excused,
      'is_missing', NEW.is_missing, 'is_posted', NEW.is_posted,
      'override_score', trim_scale(NEW.override_score)::text))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER grade_version_counted BEFORE UPDATE ON app.grades
FOR EACH ROW WHEN ((OLD.score, OLD.possible, OLD.status, OLD.source, OLD.entered_score, OLD.deduction,
    OLD.late_seconds, OLD.late_seconds_override, OLD.is_excused, OLD.is_missing, OLD.is_posted, OLD.override_score)
  IS DISTINCT FROM (NEW.score, NEW.possible, NEW.status, NEW.source, NEW.entered_score, NEW.deduction,
    NEW.late_seconds, NEW.late_seconds_override, NEW.is_excused, NEW.is_missing, NEW.is_posted, NEW.override_score))
EXECUTE FUNCTION app.count_grade_version();
CREATE TRIGGER history_of_new AFTER INSERT ON app.grades
FOR EACH ROW EXECUTE FUNCTION app.keep_grade_history();
CREATE TRIGGER history_of_changed AFTER UPDATE ON app.grades
FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION app.keep_grade_history();

CREATE FUNCTION app.class_grade_state(grade app.class_grades) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, app AS $$
  SELECT jsonb_build_object(
    'current_percent', grade.current_percent::text, 'current_letter', grade.current_letter,
    'final_percent', grade.final_percent::text, 'final_letter', grade.final_letter,
    'all_current_percent', grade.all_current_percent::text, 'all_current_letter', grade.all_current_letter,
    'all_final_percent', grade.all_final_percent::text, 'all_final_letter', grade.all_final_letter,
    'override_percent', grade.override_percent::text, 'override_letter', grade.override_letter)
$$;

CREATE FUNCTION app.keep_class_grade_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  INSERT INTO app.class_grade_history (district_id, school_id, class_grade_id, version, old_state, new_state,
    policy_version, actor_id, reason, changed_at)
  VALUES (NEW.district_id, NEW.school_id, NEW.id, NEW.version,
    CASE TG_OP WHEN 'UPDATE' THEN app.class_grade_state(OLD) END, app.class_grade_state(NEW),
    NEW.policy_version, NEW.changed_by, NEW.change_reason, NEW.changed_at);
  RETURN NULL;
END $$;

CREATE TRIGGER grade_version_counted BEFORE UPDATE ON app.class_grades
FOR EACH ROW WHEN ((OLD.current_percent, OLD.current_letter, OLD.final_percent, OLD.final_letter,
    OLD.all_current_percent, OLD.all_current_letter, OLD.all_final_percent, OLD.all_final_letter,
    OLD.override_percent, OLD.override_letter)
  IS DISTINCT FROM (NEW.current_percent, NEW.current_letter, NEW.final_percent, NEW.final_letter,
    NEW.all_current_percent, NEW.all_current_letter, NEW.all_final_percent, NEW.all_final_letter,
    NEW.override_percent, NEW.override_letter))
EXECUTE FUNCTION app.count_grade_version();
CREATE TRIGGER history_of_new AFTER INSERT ON app.class_grades
FOR EACH ROW EXECUTE FUNCTION app.keep_class_grade_history();
CREATE TRIGGER history_of_changed AFTER UPDATE ON app.class_grades
FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION app.keep_class_grade_history();
