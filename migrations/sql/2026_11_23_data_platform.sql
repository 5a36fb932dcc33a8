-- Whoever moves, answers or clears a flag: its version counts up and the history has a line.

CREATE FUNCTION app.keep_risk_flag_history() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, app AS $$
BEGIN
  INSERT INTO app.risk_flag_history (district_id, school_id, flag_id, version, level, probability, reasons, status,
    note, actor_id, changed_at, is_cleared)
  VALUES (NEW.district_id, NEW.school_id, NEW.id, NEW.version, NEW.level, NEW.probability, NEW.reasons, NEW.status,
    NEW.note,
    CASE WHEN TG_OP = 'UPDATE' AND NEW.decided_at IS DISTINCT FROM OLD.decided_at THEN NEW.decided_by END,
    now(), NEW.cleared_at IS NOT NULL);
  RETURN NULL;
END $$;

CREATE TRIGGER risk_flag_counted BEFORE UPDATE ON app.risk_flags
FOR EACH ROW WHEN ((OLD.level, OLD.status, OLD.note, OLD.cleared_at)
  IS DISTINCT FROM (NEW.level, NEW.status, NEW.note, NEW.cleared_at))
EXECUTE FUNCTION app.count_grade_version();
CREATE TRIGGER history_of_new AFTER INSERT ON app.risk_flags
FOR EACH ROW EXECUTE FUNCTION app.keep_risk_flag_history();
CREATE TRIGGER history_of_changed AFTER UPDATE ON app.risk_flags
FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION app.keep_risk_flag_history();
