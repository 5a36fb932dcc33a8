-- What must be found before a tenant is known: sign-in addresses, sessions, invitations, class codes.
-- No row security and no grants: the app reaches these tables only through the functions below, which
-- fix their search_path, take hashes instead of secrets and answer rows of one constant shape.

CREATE TABLE auth.identities (
  user_id       uuid PRIMARY KEY,
  district_id   uuid NOT NULL,
  email_index   bytea NOT NULL UNIQUE,       -- HMAC-SHA-256 of the normalised address
  password_hash text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.sessions (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES auth.identities (user_id) ON DELETE CASCADE,
  district_id   uuid NOT NULL,
  current_hash  bytea NOT NULL,
  previous_hash bytea,
  rotated_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  revoked_at    timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_sessions_user ON auth.sessions (user_id);

CREATE TABLE auth.invitation_tokens (
  token_hash    bytea PRIMARY KEY,
  district_id   uuid NOT NULL,
  invitation_id uuid NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.class_codes (
  code_hash     bytea PRIMARY KEY,
  district_id   uuid NOT NULL,
  school_id     uuid NOT NULL,
  class_id      uuid NOT NULL UNIQUE,
  expires_at    timestamptz NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

-- Always one row; all NULL when the address is unknown.
CREATE FUNCTION auth.find_identity(wanted bytea, OUT user_id uuid, OUT district_id uuid, OUT password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT i.user_id, i.district_id, i.password_hash FROM auth.identities i WHERE i.email_index = wanted
$$;

-- In the transaction that inserts the user; false when the address is taken anywhere in the installation.
CREATE FUNCTION auth.create_identity(new_user uuid, address bytea, hash text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  INSERT INTO auth.identities (user_id, district_id, email_index, password_hash)
  VALUES (new_user, app.tenant(), address, hash) ON CONFLICT (email_index) DO NOTHING;
  RETURN FOUND;
END $$;

CREATE FUNCTION auth.change_password_hash(owner uuid, hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.identities SET password_hash = hash, updated_at = now()
  WHERE user_id = owner AND district_id = app.tenant()
$$;

CREATE FUNCTION auth.open_session(new_session uuid, owner uuid, hash bytea, opened timestamptz, expires timestamptz)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.sessions (id, user_id, district_id, current_hash, rotated_at, expires_at)
  SELECT new_session, i.user_id, i.district_id, hash, opened, expires
  FROM auth.identities i WHERE i.user_id = owner AND i.district_id = app.tenant()
$$;

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

CREATE FUNCTION auth.create_invitation_token(hash bytea, invitation uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.invitation_tokens (token_hash, district_id, invitation_id)
  VALUES (hash, app.tenant(), invitation)
$$;

CREATE FUNCTION auth.find_invitation(wanted bytea, OUT district_id uuid, OUT invitation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT t.district_id, t.invitation_id FROM auth.invitation_tokens t WHERE t.token_hash = wanted
$$;

-- Codes keep the school fence too: a transaction bound to one school neither sets nor ends another's.
CREATE FUNCTION auth.set_class_code(class uuid, school uuid, hash bytea, expires timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.class_codes (code_hash, district_id, school_id, class_id, expires_at)
  SELECT hash, app.tenant(), school, class, expires
  WHERE app.scope() = 'district' OR school = app.scope_school()
  ON CONFLICT (class_id) DO UPDATE SET code_hash = excluded.code_hash, expires_at = excluded.expires_at,
    updated_at = now() WHERE class_codes.district_id = app.tenant() AND class_codes.school_id = excluded.school_id
$$;

CREATE FUNCTION auth.delete_class_code(class uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  DELETE FROM auth.class_codes WHERE class_id = class AND district_id = app.tenant()
    AND (app.scope() = 'district' OR school_id = app.scope_school())
$$;

CREATE FUNCTION auth.find_class_code(
  wanted bytea, moment timestamptz, OUT district_id uuid, OUT school_id uuid, OUT class_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT c.district_id, c.school_id, c.class_id FROM auth.class_codes c
  WHERE c.code_hash = wanted AND c.expires_at > moment
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA auth FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auth TO app_rw, app_owner;
