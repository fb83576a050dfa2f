-- Checkpoints of the log as they were signed (C2SP tlog-checkpoint in a signed note), in the order they were signed. Sizes grow, but for an
-- incarnation: a ledger that goes on from before a checkpoint signs a smaller one next. Each was kept outside of this file first.
CREATE TABLE checkpoint (
  number INTEGER PRIMARY KEY CHECK (number >= 0),
  size   INTEGER NOT NULL CHECK (size > 0),
  note   TEXT    NOT NULL
) STRICT;

CREATE TRIGGER checkpoint_dense BEFORE INSERT ON checkpoint
WHEN NEW.number IS NOT (SELECT coalesce(max(number) + 1, 0) FROM checkpoint) OR NEW.size > (SELECT size FROM head)
BEGIN SELECT raise(ABORT, 'checkpoint: the next one comes next, and of no more events than there are'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoint: what was signed is never changed'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoint: what was signed is never deleted'); END;
