-- What the schema iu is made of, as type, name, tbl_name and sql, like SQLite's sqlite_schema: for the digest of a schema.
SELECT 'schema' COLLATE "C" AS type, nspname::text COLLATE "C" AS name, '' COLLATE "C" AS tbl_name,
  concat_ws(' ', nspowner::regrole, nspacl) AS sql
FROM pg_catalog.pg_namespace WHERE nspname = current_schema()
UNION ALL
SELECT c.relkind::text, c.relname, '', concat_ws(' ', c.relowner::regrole, c.relacl, c.relrowsecurity, c.relreplident,
  CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) WHEN c.relkind = 'i' THEN pg_get_indexdef(c.oid) END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()
UNION ALL
SELECT 'column', a.attname, c.relname, concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation,
  a.attacl, pg_get_expr(d.adbin, d.adrelid))
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'v')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = current_schema() AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', k.conname, c.relname, pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()
UNION ALL
SELECT 'trigger', t.tgname, c.relname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND NOT t.tgisinternal
UNION ALL
SELECT 'rule', r.rulename, c.relname, pg_get_ruledef(r.oid)
FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'function', p.proname, pg_get_function_identity_arguments(p.oid), concat_ws(' ', p.proowner::regrole, p.proacl, pg_get_functiondef(p.oid))
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()
UNION ALL
SELECT 'sequence value', s.sequencename, '', concat_ws(' ', s.last_value)
FROM pg_catalog.pg_sequences s WHERE s.schemaname = current_schema()
