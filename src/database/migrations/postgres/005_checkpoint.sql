-- Checkpoints of the log as they were signed (C2SP tlog-checkpoint in a signed note), in the order they were signed. Sizes grow, but for an
-- incarnation: a ledger that goes on from before a checkpoint signs a smaller one next. Each was kept outside of this database first.
CREATE TABLE iu.checkpoint (
  number bigint PRIMARY KEY,
  size   bigint NOT NULL,
  note   bytea  NOT NULL
);

CREATE TRIGGER checkpoint_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
ALTER TABLE iu.checkpoint ENABLE ALWAYS TRIGGER checkpoint_kept;

-- Adds the next checkpoint; `number` is what the caller believes is the next. Answers whether it was. IU002: one that nobody could have meant.
CREATE FUNCTION iu.checkpoint_add(number bigint, size bigint, note bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM iu.durably();
  PERFORM FROM iu.turn WHERE id = 0 FOR UPDATE;
  IF checkpoint_add.number IS DISTINCT FROM (SELECT coalesce(max(c.number) + 1, 0) FROM iu.checkpoint c) THEN RETURN false; END IF;
  IF NOT coalesce(checkpoint_add.size BETWEEN 1 AND (SELECT max(h.size) FROM iu.head h), false)
    OR coalesce(octet_length(checkpoint_add.note), 0) = 0 THEN
    RAISE EXCEPTION 'iu.checkpoint_add: a checkpoint of % events, which the ledger does not have', checkpoint_add.size USING ERRCODE = 'IU002';
  END IF;
  INSERT INTO iu.checkpoint VALUES (checkpoint_add.number, checkpoint_add.size, checkpoint_add.note);
  RETURN true;
END $$;

REVOKE ALL ON FUNCTION iu.checkpoint_add(bigint, bigint, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION iu.checkpoint_add(bigint, bigint, bytea) TO iu_operator;

-- A table of the ledger, not a read model: what 002 grants on tables to come does not hold for it.
REVOKE ALL ON iu.checkpoint FROM iu_reader, iu_verifier, iu_orchestrator, iu_operator;
GRANT SELECT ON iu.checkpoint TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
