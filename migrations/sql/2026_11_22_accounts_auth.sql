-- Accounts: verified addresses, mailed tokens, OAuth clients and codes, linked identities, consents.
-- As before: no grants, only functions with a fixed search_path, hashes instead of secrets, constant row shapes.

ALTER TABLE auth.identities ADD COLUMN email_verified_at timestamptz;

CREATE TABLE auth.mailed_tokens (
  token_hash  bytea PRIMARY KEY,
  purpose     text NOT NULL CHECK (purpose IN ('verify', 'reset', 'consent', 'complete')),
  user_id     uuid NOT NULL,
  district_id uuid NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_mailed_tokens_user ON auth.mailed_tokens (user_id, purpose);
CREATE INDEX ix_mailed_tokens_expires ON auth.mailed_tokens (expires_at);

CREATE TABLE auth.oauth_clients (
  client_id     text PRIMARY KEY,
  name          text NOT NULL,
  redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) > 0),
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.oauth_codes (
  code_hash      bytea PRIMARY KEY,
  client_id      text NOT NULL REFERENCES auth.oauth_clients (client_id) ON DELETE CASCADE,
  user_id        uuid NOT NULL,
  district_id    uuid NOT NULL,
  redirect_uri   text NOT NULL,
  code_challenge text NOT NULL,
  expires_at     timestamptz NOT NULL,
  session_id     uuid,                        -- set when redeemed; a second try ends that session
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.linked_identities (
  issuer      text NOT NULL,
  subject     text NOT NULL,
  user_id     uuid NOT NULL REFERENCES auth.identities (user_id) ON DELETE CASCADE,
  district_id uuid NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (issuer, subject)
);

-- What the door does for an address without showing whether it is known: every request leaves one row here,
-- known or not, and a job does the rest. Emptied by the job.
CREATE TABLE auth.address_requests (
  id          uuid PRIMARY KEY,
  kind        text NOT NULL CHECK (kind IN ('register', 'verify', 'reset', 'failed_sign_in')),
  email_index bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION auth.put_address_request(new_id uuid, new_kind text, address bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.address_requests (id, kind, email_index) VALUES (new_id, new_kind, address)
$$;

-- Always one row; the person is NULL when nobody has the address, the kind when the request is done.
CREATE FUNCTION auth.find_address_request(
  wanted uuid, OUT kind text, OUT user_id uuid, OUT district_id uuid, OUT email_verified_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT r.kind, i.user_id, i.district_id, i.email_verified_at
  FROM (SELECT wanted AS id) w LEFT JOIN auth.address_requests r ON r.id = w.id
  LEFT JOIN auth.identities i ON i.email_index = r.email_index
$$;

-- True for the one who removed it: of two workers with one request one answers.
CREATE FUNCTION auth.delete_address_request(wanted uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  DELETE FROM auth.address_requests r WHERE r.id = wanted;
  RETURN FOUND;
END $$;

CREATE FUNCTION auth.create_mailed_token(hash bytea, kind text, owner uuid, expires timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.mailed_tokens (token_hash, purpose, user_id, district_id, expires_at)
  VALUES (hash, kind, owner, app.tenant(), expires)
$$;

-- Look without using: a consent notice is read before it is answered. All NULL when unknown, used or expired.
CREATE FUNCTION auth.find_mailed_token(wanted bytea, kind text, moment timestamptz, OUT user_id uuid, OUT district_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT t.user_id, t.district_id FROM auth.mailed_tokens t
  WHERE t.token_hash = wanted AND t.purpose = kind AND t.used_at IS NULL AND t.expires_at > moment
$$;

-- Use once: of two racing calls one gets the row. All NULL for the other, and for unknown or expired tokens.
CREATE FUNCTION auth.use_mailed_token(wanted bytea, kind text, moment timestamptz, OUT user_id uuid, OUT district_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.mailed_tokens t SET used_at = moment, updated_at = now()
  WHERE t.token_hash = wanted AND t.purpose = kind AND t.used_at IS NULL AND t.expires_at > moment
  RETURNING t.user_id, t.district_id
$$;

-- Older tokens of the same purpose die when a new one is mailed or the password changes.
CREATE FUNCTION auth.void_mailed_tokens(owner uuid, kind text, moment timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.mailed_tokens SET used_at = moment, updated_at = now()
  WHERE user_id = owner AND purpose = kind AND district_id = app.tenant() AND used_at IS NULL
$$;

-- A guardian's link lives as long as there is something to revoke.
CREATE FUNCTION auth.extend_mailed_token(wanted bytea, kind text, expires timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.mailed_tokens SET expires_at = expires, updated_at = now()
  WHERE token_hash = wanted AND purpose = kind AND district_id = app.tenant() AND used_at IS NULL
$$;

CREATE FUNCTION auth.mark_email_verified(owner uuid, moment timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.identities SET email_verified_at = coalesce(email_verified_at, moment), updated_at = now()
  WHERE user_id = owner AND district_id = app.tenant()
$$;

-- The signed-in person's own credentials, or the person a mailed token named; inside their district.
CREATE FUNCTION auth.credentials_of(owner uuid, OUT password_hash text, OUT email_verified_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT i.password_hash, i.email_verified_at FROM auth.identities i
  WHERE i.user_id = owner AND i.district_id = app.tenant()
$$;

-- Whose session it is, while it lives; asked for a browser that signed in on our own page before.
CREATE FUNCTION auth.find_session(wanted uuid, moment timestamptz, OUT user_id uuid, OUT district_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT s.user_id, s.district_id FROM auth.sessions s
  WHERE s.id = wanted AND s.revoked_at IS NULL AND s.expires_at > moment
$$;

-- These three for the operator's commands only (app_owner).
CREATE FUNCTION auth.put_oauth_client(client text, client_name text, uris text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.oauth_clients (client_id, name, redirect_uris) VALUES (client, client_name, uris)
  ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, redirect_uris = excluded.redirect_uris, updated_at = now()
$$;

CREATE FUNCTION auth.list_oauth_clients() RETURNS TABLE (client_id text, name text, redirect_uris text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT c.client_id, c.name, c.redirect_uris FROM auth.oauth_clients c ORDER BY c.name, c.client_id LIMIT 1000
$$;

-- Ends the client's sessions too; returns how many, NULL when there is no such client.
CREATE FUNCTION auth.delete_oauth_client(client text, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
DECLARE ended bigint;
BEGIN
  DELETE FROM auth.oauth_clients c WHERE c.client_id = client;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE auth.sessions s SET revoked_at = moment, updated_at = now() WHERE s.client_id = client AND s.revoked_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;

CREATE FUNCTION auth.find_oauth_client(wanted text, OUT name text, OUT redirect_uris text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT c.name, c.redirect_uris FROM auth.oauth_clients c WHERE c.client_id = wanted
$$;

CREATE FUNCTION auth.create_oauth_code(hash bytea, client text, owner uuid, uri text, challenge text, expires timestamptz)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  INSERT INTO auth.oauth_codes (code_hash, client_id, user_id, district_id, redirect_uri, code_challenge, expires_at)
  VALUES (hash, client, owner, app.tenant(), uri, challenge, expires)
$$;

-- outcome: redeemed | replayed (the session of the first redemption is ended, the code forgotten) | unknown.
CREATE FUNCTION auth.redeem_oauth_code(
  wanted bytea, new_session uuid, moment timestamptz,
  OUT outcome text, OUT client_id text, OUT user_id uuid, OUT district_id uuid, OUT redirect_uri text, OUT code_challenge text,
  OUT ended_session uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
DECLARE code auth.oauth_codes;
BEGIN
  SELECT * INTO code FROM auth.oauth_codes c WHERE c.code_hash = wanted FOR UPDATE;
  IF NOT FOUND THEN
    outcome := 'unknown';
  ELSIF code.session_id IS NOT NULL THEN
    outcome := 'replayed';
    district_id := code.district_id; ended_session := code.session_id;
    UPDATE auth.sessions s SET revoked_at = moment, updated_at = now() WHERE s.id = code.session_id AND s.revoked_at IS NULL;
    DELETE FROM auth.oauth_codes c WHERE c.code_hash = wanted;
  ELSIF code.expires_at <= moment THEN
    outcome := 'unknown';
  ELSE
    outcome := 'redeemed';
    client_id := code.client_id; user_id := code.user_id; district_id := code.district_id;
    redirect_uri := code.redirect_uri; code_challenge := code.code_challenge;
    UPDATE auth.oauth_codes c SET session_id = new_session, updated_at = now() WHERE c.code_hash = wanted;
  END IF;
END $$;

-- Asked once the session of a code is open. False when the code was replayed, or its client deleted, in between:
-- there was no session to end then. Waits for a replay that is under way.
CREATE FUNCTION auth.oauth_code_stands(wanted bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  PERFORM 1 FROM auth.oauth_codes c WHERE c.code_hash = wanted FOR UPDATE;
  RETURN FOUND;
END $$;

CREATE FUNCTION auth.find_linked_identity(wanted_issuer text, wanted_subject text, OUT user_id uuid, OUT district_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT l.user_id, l.district_id FROM auth.linked_identities l
  WHERE l.issuer = wanted_issuer AND l.subject = wanted_subject
$$;

CREATE FUNCTION auth.link_identity(new_issuer text, new_subject text, owner uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  INSERT INTO auth.linked_identities (issuer, subject, user_id, district_id)
  SELECT new_issuer, new_subject, i.user_id, i.district_id FROM auth.identities i
  WHERE i.user_id = owner AND i.district_id = app.tenant() ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- What is over: called by the worker every hour; the numbers go to its log.
CREATE FUNCTION auth.sweep(moment timestamptz, OUT tokens bigint, OUT codes bigint, OUT sessions bigint, OUT requests bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  DELETE FROM auth.mailed_tokens t
  WHERE t.expires_at < moment - interval '1 day' OR t.used_at < moment - interval '1 day';
  GET DIAGNOSTICS tokens = ROW_COUNT;
  DELETE FROM auth.oauth_codes c WHERE c.expires_at < moment - interval '1 day';
  GET DIAGNOSTICS codes = ROW_COUNT;
  DELETE FROM auth.sessions s WHERE s.expires_at < moment - interval '1 day' OR s.revoked_at < moment - interval '30 days';
  GET DIAGNOSTICS sessions = ROW_COUNT;
  DELETE FROM auth.address_requests r WHERE r.created_at < moment - interval '1 day';
  GET DIAGNOSTICS requests = ROW_COUNT;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA auth FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA auth TO app_rw, app_owner;
REVOKE EXECUTE ON FUNCTION auth.put_oauth_client(text, text, text[]), auth.list_oauth_clients(),
  auth.delete_oauth_client(text, timestamptz) FROM app_rw;
