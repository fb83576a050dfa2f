-- Who may do what. Logins are made by the database's administrator and granted one of these: GRANT iu_reader TO alice;
--   iu_reader        reads
--   iu_verifier      reads, and appends what it signs
--   iu_orchestrator  reads, appends, and puts content
--   iu_operator      reads, appends, puts and erases content, and keeps the projections up to date
-- Nobody but the owner of the schema (whoever ran this) may write a table of the ledger, and the triggers stop the owner as well.
-- Roles belong to the whole cluster: another ledger in another database may have made them already, or be at it now.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['iu_reader', 'iu_verifier', 'iu_orchestrator', 'iu_operator'] LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted);
    BEGIN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role % is missing and % may not create roles', wanted, current_user USING ERRCODE = 'IU003',
          HINT = 'Have an administrator run, once for the cluster: CREATE ROLE iu_reader; CREATE ROLE iu_verifier; CREATE ROLE iu_orchestrator; CREATE ROLE iu_operator;';
    END;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA iu TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
GRANT SELECT ON iu.event, iu.command, iu.head, iu.content, iu.migration, iu.history TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;

GRANT EXECUTE ON FUNCTION
  iu.append(text[], text[], integer[], integer[], integer[], bytea[], integer[], integer[], integer[], bigint[], integer[], bigint[], bytea[])
  TO iu_verifier, iu_orchestrator, iu_operator;
GRANT EXECUTE ON FUNCTION iu.content_put(text, bytea, bytea) TO iu_orchestrator, iu_operator;
GRANT EXECUTE ON FUNCTION iu.content_erase(text) TO iu_operator;

-- Tables that come later are projections, made by the owner; a later migration that adds a table of the ledger takes these back from it.
ALTER DEFAULT PRIVILEGES IN SCHEMA iu GRANT SELECT ON TABLES TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
ALTER DEFAULT PRIVILEGES IN SCHEMA iu GRANT INSERT, UPDATE, DELETE ON TABLES TO iu_operator;
