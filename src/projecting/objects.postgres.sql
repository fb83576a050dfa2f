-- What the schema iu is made of: one row for each object, as type, name, tbl (what it belongs to) and made (all that can be said of it in
-- words that do not change from one database to another: no oid, no owner's name, no privilege; a function's body as its SHA-256). By the catalogues alone, which everybody may
-- read. An owner is only named where it is not the owner of the schema.
WITH iu AS (SELECT oid, nspowner FROM pg_catalog.pg_namespace WHERE nspname = current_schema()),
kind (relkind, type) AS (VALUES ('r', 'table'), ('p', 'partitioned table'), ('f', 'foreign table'), ('m', 'materialized view'), ('v', 'view'),
  ('S', 'sequence'), ('c', 'composite type'), ('i', 'index'), ('I', 'partitioned index'), ('t', 'toast table')),
rel AS (SELECT c.*, iu.nspowner FROM pg_catalog.pg_class c JOIN iu ON c.relnamespace = iu.oid)
SELECT k.type COLLATE "C" AS type, c.relname::text COLLATE "C" AS name, coalesce(t.relname, c.relname)::text COLLATE "C" AS tbl,
  concat_ws(' ', upper(k.type),
    CASE WHEN c.relowner <> c.nspowner THEN 'OWNER ' || pg_get_userbyid(c.relowner) END,
    CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' WHEN 't' THEN 'TEMPORARY' END,
    CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END, CASE WHEN c.relforcerowsecurity THEN 'FORCED' END,
    CASE WHEN c.relreplident <> 'd' AND c.relkind = 'r' THEN 'REPLICA IDENTITY ' || c.relreplident::text END,
    CASE WHEN c.reltablespace <> 0 THEN 'TABLESPACE' END,
    CASE WHEN c.relispartition THEN 'PARTITION' END,
    'WITH ' || c.reloptions::text,
    (SELECT 'INHERITS ' || string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno) FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid),
    CASE WHEN i.indexrelid IS NOT NULL AND NOT (i.indisvalid AND i.indisready AND i.indislive) THEN 'INVALID' END,
    CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END) AS made
FROM rel c JOIN kind k ON k.relkind = c.relkind::text
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
UNION ALL
SELECT 'column', c.relname || '.' || a.attname, c.relname, concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
  (SELECT 'COLLATE ' || l.collname FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation AND l.collname <> 'default'),
  CASE WHEN a.attidentity <> '' THEN 'IDENTITY ' || a.attidentity::text END, CASE WHEN a.attgenerated <> '' THEN 'GENERATED' END,
  'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid))
FROM rel c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind NOT IN ('i', 'I')
UNION ALL
-- NOT NULL is said of the column; newer servers keep it as a constraint too.
SELECT 'constraint', k.conname, coalesce(c.relname, ''), concat_ws(' ', pg_get_constraintdef(k.oid),
  CASE WHEN NOT k.convalidated THEN 'NOT VALIDATED' END)
FROM pg_catalog.pg_constraint k JOIN iu ON k.connamespace = iu.oid LEFT JOIN rel c ON c.oid = k.conrelid WHERE k.contype <> 'n'
UNION ALL
SELECT 'trigger', t.tgname, c.relname, concat_ws(' ',
  CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'FOR A REPLICA ONLY' WHEN 'O' THEN 'NOT FOR A REPLICA' WHEN 'A' THEN 'ALWAYS' END,
  pg_get_triggerdef(t.oid))
FROM rel c JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
UNION ALL
SELECT 'rule', r.rulename, c.relname, concat_ws(' ', r.ev_enabled, pg_get_ruledef(r.oid))
FROM rel c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', p.polname, c.relname, concat_ws(' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM rel c JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT 'child table', s.nspname || '.' || o.relname, c.relname, 'what is selected from its parent shows its rows too'
FROM rel c JOIN pg_catalog.pg_inherits h ON h.inhparent = c.oid JOIN pg_catalog.pg_class o ON o.oid = h.inhrelid
  JOIN pg_catalog.pg_namespace s ON s.oid = o.relnamespace WHERE c.relkind = 'r'
UNION ALL
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window function' ELSE 'function' END,
  p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.proname, concat_ws(' ',
  CASE WHEN p.proowner <> iu.nspowner THEN 'OWNER ' || pg_get_userbyid(p.proowner) END,
  CASE WHEN p.prosecdef THEN 'SECURITY DEFINER' ELSE 'SECURITY INVOKER' END,
  'SET ' || p.proconfig::text, 'LANGUAGE ' || l.lanname, 'RETURNS ' || pg_get_function_result(p.oid),
  '(' || pg_get_function_arguments(p.oid) || ')', p.provolatile, p.proparallel, CASE WHEN p.proisstrict THEN 'STRICT' END,
  CASE WHEN p.proleakproof THEN 'LEAKPROOF' END, CASE WHEN p.prosupport <> 0 THEN 'SUPPORT' END, 
  'BODY ' || encode(sha256(convert_to(p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), ''), 'UTF8')), 'hex'))
FROM pg_catalog.pg_proc p JOIN iu ON p.pronamespace = iu.oid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
UNION ALL
-- Types that are not a table's own: a type is made for each table, and one for arrays of it.
SELECT 'type', t.typname, '', t.typtype::text FROM pg_catalog.pg_type t JOIN iu ON t.typnamespace = iu.oid
WHERE t.typtype <> 'c' AND t.typcategory <> 'A'
UNION ALL
SELECT 'other', pg_describe_object(d.classid, d.objid, 0), '', 'OTHER' FROM pg_catalog.pg_depend d JOIN iu ON d.refobjid = iu.oid
WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.deptype = 'n' AND d.classid NOT IN ('pg_catalog.pg_class'::regclass,
  'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_default_acl'::regclass)
ORDER BY type, name, tbl
