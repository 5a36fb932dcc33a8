-- The context of a transaction. STABLE and called as (SELECT app.tenant()): once per statement, not per row.
-- After a finished transaction the setting is '' and not NULL, so both mean "missing", and missing raises:
-- a forgotten context must be an error, never an empty answer.

CREATE FUNCTION app.tenant() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE district text := current_setting('app.district_id', true);
BEGIN
  IF district IS NULL OR district = '' THEN
    RAISE EXCEPTION 'tenant context missing' USING errcode = '42501';
  END IF;
  RETURN district::uuid;
END $$;

CREATE FUNCTION app.scope() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE scope text := current_setting('app.scope', true);
BEGIN
  IF scope IS NULL OR scope = '' THEN
    RAISE EXCEPTION 'school scope missing' USING errcode = '42501';
  END IF;
  RETURN scope;
END $$;

-- The school of the scope; NULL when the scope is the whole district.
CREATE FUNCTION app.scope_school() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE scope text := app.scope();
BEGIN
  IF scope = 'district' THEN RETURN NULL; END IF;
  IF scope NOT LIKE 'school:%' THEN
    RAISE EXCEPTION 'school scope malformed' USING errcode = '42501';
  END IF;
  RETURN substr(scope, 8)::uuid;
END $$;
