-- A database that holds no ledger of its own but the verified copy of one whose truth is elsewhere: a stream of an EventStoreDB cluster.
-- One row there, or none. Nothing is appended to a copy but what was copied; src/store/openPostgresStore.ts sees to it.
CREATE TABLE iu.replica (
  id     integer PRIMARY KEY CHECK (id = 0),
  stream text COLLATE "C" NOT NULL
);

CREATE TRIGGER replica_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.replica FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
ALTER TABLE iu.replica ENABLE ALWAYS TRIGGER replica_kept;

-- The default privileges of the schema are those of projections.
REVOKE INSERT, UPDATE, DELETE ON iu.replica FROM iu_operator;
GRANT SELECT ON iu.replica TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
