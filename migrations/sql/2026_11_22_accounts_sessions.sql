-- Sessions: a successor every racing tab agrees on, an end they cannot outlive, and who still lives.

ALTER TABLE auth.sessions ADD COLUMN device text NOT NULL DEFAULT '', ADD COLUMN client_id text,
  ADD COLUMN replaced bytea[] NOT NULL DEFAULT '{}', ADD COLUMN replaced_at timestamptz[] NOT NULL DEFAULT '{}',
  DROP COLUMN previous_hash;
DROP FUNCTION auth.rotate_session;
DROP FUNCTION auth.close_session;
DROP FUNCTION auth.close_all_sessions;

-- Exactly one caller wins a rotation: the row lock orders them. Those replaced within the last ten seconds (racing
-- tabs, a lost answer) are told which one is current; the API can make that very token again. Any other is a
-- replay and ends the session. A client's sessions answer to that client alone.
-- outcome: rotated | grace | reused | unknown.
CREATE FUNCTION auth.rotate_session(
  wanted uuid, presented bytea, next_hash bytea, client text, moment timestamptz, next_expiry timestamptz,
  longest interval, OUT outcome text, OUT user_id uuid, OUT district_id uuid, OUT living_hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
DECLARE
  session auth.sessions;
  grace_begins timestamptz := moment - interval '10 seconds';
BEGIN
  SELECT * INTO session FROM auth.sessions s WHERE s.id = wanted FOR UPDATE;
  IF NOT FOUND OR session.revoked_at IS NOT NULL OR session.expires_at <= moment
    OR session.client_id IS DISTINCT FROM client THEN
    outcome := 'unknown';
    RETURN;
  END IF;
  user_id := session.user_id;
  district_id := session.district_id;
  IF session.current_hash = presented THEN
    outcome := 'rotated';
    living_hash := next_hash;
    UPDATE auth.sessions s SET current_hash = next_hash, rotated_at = moment, updated_at = now(),
      expires_at = least(next_expiry, s.created_at + longest),
      replaced = presented || ARRAY(SELECT old.hash FROM unnest(session.replaced, session.replaced_at)
        WITH ORDINALITY AS old (hash, at, place) WHERE old.at > grace_begins ORDER BY old.place),
      replaced_at = moment || ARRAY(SELECT old.at FROM unnest(session.replaced_at)
        WITH ORDINALITY AS old (at, place) WHERE old.at > grace_begins ORDER BY old.place)
    WHERE s.id = wanted;
  ELSIF session.replaced_at[array_position(session.replaced, presented)] > grace_begins THEN
    outcome := 'grace';
    living_hash := session.current_hash;
  ELSE
    outcome := 'reused';
    UPDATE auth.sessions s SET revoked_at = moment, updated_at = now() WHERE s.id = wanted;
  END IF;
END $$;

-- Whose session ended; all NULL when the token is none of a living session's.
CREATE FUNCTION auth.close_session(
  wanted uuid, presented bytea, moment timestamptz, OUT user_id uuid, OUT district_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.sessions s SET revoked_at = moment, updated_at = now()
  WHERE s.id = wanted AND (presented = s.current_hash OR presented = ANY (s.replaced)) AND s.revoked_at IS NULL
  RETURNING s.user_id, s.district_id
$$;

CREATE FUNCTION auth.name_device(wanted uuid, device_name text, client text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.sessions SET device = left(device_name, 200), client_id = client, updated_at = now()
  WHERE id = wanted AND district_id = app.tenant()
$$;

-- The owner's living sessions after one of them, oldest first.
CREATE FUNCTION auth.sessions_of(owner uuid, moment timestamptz, after uuid, most integer)
RETURNS TABLE (id uuid, device text, client_id text, created_at timestamptz, rotated_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT s.id, s.device, s.client_id, s.created_at, s.rotated_at, s.expires_at FROM auth.sessions s
  WHERE s.user_id = owner AND s.district_id = app.tenant() AND s.revoked_at IS NULL AND s.expires_at > moment
    AND (after IS NULL OR s.id > after)
  ORDER BY s.id LIMIT most
$$;

-- True when one of the owner's living sessions was ended by this call.
CREATE FUNCTION auth.revoke_session(wanted uuid, owner uuid, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  UPDATE auth.sessions SET revoked_at = moment, updated_at = now()
  WHERE id = wanted AND user_id = owner AND district_id = app.tenant() AND revoked_at IS NULL
    AND expires_at > moment;
  RETURN FOUND;
END $$;

-- Ends every living session of a person but the kept one (if any) and returns their ids, so that sockets and
-- caches can be told.
CREATE FUNCTION auth.revoke_sessions_of(owner uuid, moment timestamptz, kept uuid) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.sessions SET revoked_at = moment, updated_at = now()
  WHERE user_id = owner AND district_id = app.tenant() AND revoked_at IS NULL AND id IS DISTINCT FROM kept
  RETURNING id
$$;

-- For the trigger on app.users: whatever a session rests on has changed.
CREATE FUNCTION auth.end_sessions_of_changed() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  UPDATE auth.sessions SET revoked_at = now(), updated_at = now()
  WHERE user_id = NEW.id AND district_id = NEW.district_id AND revoked_at IS NULL;
  RETURN NULL;
END $$;

-- Whether a token's session still lives; asked when no cache knows.
CREATE FUNCTION auth.session_lives(wanted uuid, owner uuid, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT EXISTS (SELECT 1 FROM auth.sessions s WHERE s.id = wanted AND s.user_id = owner
    AND s.revoked_at IS NULL AND s.expires_at > moment)
$$;

-- Which of these sessions live; asked for all sockets of a process at once.
CREATE FUNCTION auth.living_sessions(wanted uuid[], moment timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT s.id FROM auth.sessions s WHERE s.id = ANY (wanted) AND s.revoked_at IS NULL AND s.expires_at > moment
$$;
