-- Codes of applications end with the sessions they would open, and a password that is being changed opens none.

-- Ends every living session of a person but the kept one (if any) and returns their ids, so that sockets and
-- caches can be told. Codes not yet redeemed are forgotten; of one under way, `oauth_code_stands` finds nothing.
CREATE OR REPLACE FUNCTION auth.revoke_sessions_of(owner uuid, moment timestamptz, kept uuid) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  DELETE FROM auth.oauth_codes WHERE user_id = owner AND district_id = app.tenant();
  UPDATE auth.sessions SET revoked_at = moment, updated_at = now()
  WHERE user_id = owner AND district_id = app.tenant() AND revoked_at IS NULL AND id IS DISTINCT FROM kept
  RETURNING id
$$;

CREATE OR REPLACE FUNCTION auth.end_sessions_of_changed() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  DELETE FROM auth.oauth_codes WHERE user_id = NEW.id AND district_id = NEW.district_id;
  UPDATE auth.sessions SET revoked_at = now(), updated_at = now()
  WHERE user_id = NEW.id AND district_id = NEW.district_id AND revoked_at IS NULL;
  RETURN NULL;
END $$;

-- The password hash, held until the transaction ends: whoever changes it comes wholly before or after.
CREATE FUNCTION auth.hold_password_hash(owner uuid) RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  SELECT i.password_hash FROM auth.identities i WHERE i.user_id = owner AND i.district_id = app.tenant() FOR SHARE
$$;

CREATE INDEX ix_oauth_codes_user ON auth.oauth_codes (user_id);
REVOKE EXECUTE ON FUNCTION auth.hold_password_hash(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.hold_password_hash(uuid) TO app_rw, app_owner;
