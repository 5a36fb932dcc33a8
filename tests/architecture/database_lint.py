"""What tenancy asks of every table, as queries over PostgreSQL's own catalogue. Each answers its offenders."""

import psycopg

NOT_TENANT_OWNED = "('district_directory', 'alembic_version')"
"""The list of districts (ids and status, nothing personal) and Alembic's own note."""

RULES = {
    "every table is owned by a tenant": f"""
        SELECT t.relname FROM tables t WHERE t.relname NOT IN {NOT_TENANT_OWNED} AND NOT EXISTS (
          SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'district_id' AND a.attnotnull)""",
    "every table carries created_at and updated_at": """
        SELECT t.relname FROM tables t WHERE t.relname <> 'alembic_version' AND 2 <> (
          SELECT count(*) FROM pg_attribute a
          WHERE a.attrelid = t.oid AND a.attname IN ('created_at', 'updated_at') AND a.attnotnull)""",
    "row security is enabled and forced": """
        SELECT t.relname FROM tenant_tables t WHERE NOT (t.relrowsecurity AND t.relforcerowsecurity)""",
    "exactly one permissive policy, and it names the tenant both ways": """
        SELECT t.relname FROM tenant_tables t WHERE 1 <> (
            SELECT count(*) FROM policies p WHERE p.tablename = t.relname AND p.permissive = 'PERMISSIVE')
          OR NOT EXISTS (
            SELECT 1 FROM policies p WHERE p.tablename = t.relname AND p.permissive = 'PERMISSIVE'
            AND p.cmd = 'ALL' AND p.qual = p.with_check
            AND p.qual ~ '^\\(district_id = \\( SELECT (app\\.)?tenant\\(\\) AS tenant\\)\\)$')""",
    "every table with a school has the school fence both ways": """
        SELECT t.relname FROM tenant_tables t WHERE (t.relname = 'schools' OR EXISTS (
            SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'school_id'))
          AND NOT EXISTS (
            SELECT 1 FROM policies p WHERE p.tablename = t.relname AND p.permissive = 'RESTRICTIVE'
            AND p.cmd = 'ALL' AND p.qual LIKE '%scope_school()%' AND p.with_check LIKE '%scope_school()%')""",
    "policies bind the application and the pipelines": """
        SELECT p.tablename || '.' || p.policyname FROM policies p
        WHERE NOT (p.roles @> '{app_rw,pipeline_rw,app_owner}' OR p.roles = '{public}')""",
    "every foreign key between tenants' tables contains the district": """
        SELECT f.conname FROM foreign_keys f WHERE NOT ('district_id' = ANY (f.columns) AND
          f.referenced[array_position(f.columns, 'district_id')] = 'district_id')""",
    "every foreign key between schools' rows contains the school": """
        SELECT f.conname FROM foreign_keys f
        JOIN pg_attribute own ON own.attrelid = f.conrelid AND own.attname = 'school_id' AND own.attnotnull
        JOIN pg_attribute its ON its.attrelid = f.confrelid AND its.attname = 'school_id'
        WHERE NOT ('school_id' = ANY (f.columns) AND
          f.referenced[array_position(f.columns, 'school_id')] = 'school_id')""",
    "nothing cascades": """
        SELECT f.conname FROM foreign_keys f WHERE f.confdeltype <> 'a' OR f.confupdtype <> 'a'""",
    "every index starts with the district": """
        SELECT i.indexrelid::regclass::text FROM pg_index i
        JOIN tenant_tables t ON t.oid = i.indrelid
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE m.amname <> 'brin' AND a.attname IS DISTINCT FROM 'district_id'""",
    "no native enum, which would lose its index under row security": """
        SELECT t.relname || '.' || a.attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
        JOIN pg_type y ON y.oid = a.atttypid WHERE y.typtype = 'e'""",
    "the tables behind views are granted to nobody": """
        SELECT g.grantee || ' ' || g.privilege_type FROM grants g
        WHERE g.table_name IN ('interaction_events', 'audit_events') AND g.grantee <> 'app_owner'""",
    "everything is granted to somebody by name": """
        SELECT g.table_name FROM grants g WHERE g.grantee = 'PUBLIC'""",
    "facts are append-only": """
        SELECT g.table_name || ' ' || g.privilege_type FROM grants g
        WHERE g.table_name IN ('consents', 'user_events', 'grade_history', 'tenant_audit_events',
          'tenant_interaction_events')
        AND g.grantee <> 'app_owner' AND g.privilege_type NOT IN ('SELECT', 'INSERT')
        AND (g.table_name, g.privilege_type) <> ('user_events', 'DELETE')  -- kept for a time, never changed""",
    "nobody but the owner may truncate, reference or add triggers": """
        SELECT g.table_name || ' ' || g.privilege_type FROM grants g WHERE g.grantee NOT IN ('app_owner')
        AND g.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')""",
    "the sign-in tables are reached through functions only": """
        SELECT table_name || ' ' || grantee FROM information_schema.table_privileges
        WHERE table_schema = 'auth' AND grantee <> 'auth_owner'""",
    "the only views are those of events, and they are barriers of the owner's": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('v', 'm')
        AND NOT (c.relname IN ('tenant_interaction_events', 'tenant_audit_events') AND c.relkind = 'v'
          AND c.relowner = 'app_owner'::regrole AND 'security_barrier=true' = ANY (c.reloptions))""",
    "definer functions live in auth, with a fixed search_path, closed to the public": """
        SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.prosecdef AND p.pronamespace IN ('app'::regnamespace, 'auth'::regnamespace, 'jobs'::regnamespace,
            'public'::regnamespace)
        AND NOT (p.pronamespace = 'auth'::regnamespace AND p.proowner = 'auth_owner'::regrole
          AND p.proconfig @> '{"search_path=pg_catalog, auth"}' AND NOT EXISTS (
            SELECT 1 FROM aclexplode(p.proacl) e WHERE e.grantee = 0))""",
    "the owners may not log in, and the programs' roles may not pass a wall": """
        SELECT r.rolname FROM pg_roles r WHERE r.rolname IN ('app_owner', 'auth_owner', 'app_rw', 'pipeline_rw')
        AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
          OR r.rolcanlogin <> (r.rolname IN ('app_rw', 'pipeline_rw')))""",
    "the programs' roles own nothing and are members of nothing": """
        SELECT c.relname FROM pg_class c WHERE c.relowner IN ('app_rw'::regrole, 'pipeline_rw'::regrole)
        UNION ALL SELECT p.proname FROM pg_proc p WHERE p.proowner IN ('app_rw'::regrole, 'pipeline_rw'::regrole)
        UNION ALL SELECT m.roleid::regrole::text FROM pg_auth_members m
        WHERE m.member IN ('app_rw'::regrole, 'pipeline_rw'::regrole)""",
    "app_owner owns the tables": """
        SELECT t.relname FROM tables t WHERE t.relowner <> 'app_owner'::regrole""",
}

_CATALOGUE = """
    WITH tables AS (
      SELECT oid, relname, relrowsecurity, relforcerowsecurity, relowner FROM pg_class
      WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
    ), tenant_tables AS (
      SELECT * FROM tables WHERE relname NOT IN ('district_directory', 'alembic_version')
    ), policies AS (
      SELECT * FROM pg_policies WHERE schemaname = 'app'
    ), grants AS (
      SELECT * FROM information_schema.table_privileges WHERE table_schema = 'app'
    ), foreign_keys AS (
      SELECT c.conname, c.conrelid, c.confrelid, c.confdeltype, c.confupdtype,
        (SELECT array_agg(a.attname::text ORDER BY k.place)
           FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS columns,
        (SELECT array_agg(a.attname::text ORDER BY k.place)
           FROM unnest(c.confkey) WITH ORDINALITY AS k (number, place)
           JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) AS referenced
      FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'app'::regnamespace
        AND c.conparentid = 0
    )
"""


def offenders(connection: psycopg.Connection, rule: str) -> list[str]:
    return [row[0] for row in connection.execute(_CATALOGUE + RULES[rule]).fetchall()]
