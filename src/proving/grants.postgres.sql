-- Who owns what in the schema at the head of the path and who may do what with it: one line for each object, column and default, and the
-- members of the ledger's roles. For a digest.
SELECT line FROM (
  SELECT concat_ws(' ', 'schema', pg_get_userbyid(nspowner), nspacl) COLLATE "C" AS line FROM pg_catalog.pg_namespace WHERE nspname = current_schema()
  UNION ALL
  SELECT concat_ws(' ', c.relkind, c.relname, pg_get_userbyid(c.relowner), c.relacl) FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()
  UNION ALL
  SELECT concat_ws(' ', 'column', c.relname, a.attname, a.attacl) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND a.attacl IS NOT NULL
  UNION ALL
  SELECT concat_ws(' ', 'function', p.oid::regprocedure, pg_get_userbyid(p.proowner), p.proacl) FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()
  UNION ALL
  SELECT concat_ws(' ', 'default', pg_get_userbyid(d.defaclrole), d.defaclobjtype, d.defaclacl) FROM pg_catalog.pg_default_acl d
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace WHERE n.nspname = current_schema() OR d.defaclnamespace = 0
  UNION ALL
  SELECT concat_ws(' ', 'member', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member), m.admin_option) FROM pg_catalog.pg_auth_members m
) AS lines ORDER BY line
