-- As they were before.

DROP INDEX auth.ix_oauth_codes_user;
DROP FUNCTION auth.hold_password_hash;

CREATE OR REPLACE FUNCTION auth.revoke_sessions_of(owner uuid, moment timestamptz, kept uuid) RETURNS SETOF uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
  UPDATE auth.sessions SET revoked_at = moment, updated_at = now()
  WHERE user_id = owner AND district_id = app.tenant() AND revoked_at IS NULL AND id IS DISTINCT FROM kept
  RETURNING id
$$;

CREATE OR REPLACE FUNCTION auth.end_sessions_of_changed() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, auth AS $$
BEGIN
  UPDATE auth.sessions SET revoked_at = now(), updated_at = now()
  WHERE user_id = NEW.id AND district_id = NEW.district_id AND revoked_at IS NULL;
  RETURN NULL;
END $$;
