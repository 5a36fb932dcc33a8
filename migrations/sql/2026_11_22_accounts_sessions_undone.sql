-- Sessions as the first migration made them; everybody who has replaced a token within ten seconds signs in again.

DROP FUNCTION auth.rotate_session;
DROP FUNCTION auth.close_session;
ALTER TABLE auth.sessions DROP COLUMN device, DROP COLUMN client_id, DROP COLUMN replaced, DROP COLUMN replaced_at,
  ADD COLUMN previous_hash bytea;

-- Exactly one caller wins a rotation: the row lock orders them. The one before the current token is accepted
-- for ten seconds (racing tabs, a lost response) and earns an access token only. Anything else is a replay
-- and ends the session. outcome: rotated | grace | reused | unknown.
CREATE FUNCTION auth.rotate_session(
  wanted uuid, presented bytea, next_hash bytea, moment timestamptz, next_expiry timestamptz,
  OUT outcome text, OUT user_id uuid, OUT district_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
DECLARE session auth.sessions;
BEGIN
  SELECT * INTO session FROM auth.sessions s WHERE s.id = wanted FOR UPDATE;
  IF NOT FOUND OR session.revoked_at IS NOT NULL OR session.expires_at <= moment THEN
    outcome := 'unknown';
    RETURN;
  END IF;
  user_id := session.user_id;
  district_id := session.district_id;
  IF session.current_hash = presented THEN
    outcome := 'rotated';
    UPDATE auth.sessions s SET previous_hash = session.current_hash, current_hash = next_hash,
      rotated_at = moment, expires_at = next_expiry, updated_at = now() WHERE s.id = wanted;
  ELSIF session.previous_hash = presented AND session.rotated_at > moment - interval '10 seconds' THEN
    outcome := 'grace';
  ELSE
    outcome := 'reused';
    UPDATE auth.sessions s SET revoked_at = moment, updated_at = now() WHERE s.id = wanted;
  END IF;
END $$;

CREATE FUNCTION auth.close_session(wanted uuid, presented bytea, moment timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.sessions SET revoked_at = moment, updated_at = now()
  WHERE id = wanted AND presented IN (current_hash, previous_hash) AND revoked_at IS NULL
$$;

CREATE FUNCTION auth.close_all_sessions(owner uuid, moment timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.sessions SET revoked_at = moment, updated_at = now()
  WHERE user_id = owner AND district_id = app.tenant() AND revoked_at IS NULL
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA auth FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auth TO app_rw, app_owner;
