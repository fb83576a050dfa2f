-- Compensation plans: what a run's soft revert will do, and how far it got.
CREATE TABLE revert_plan (
  run           TEXT    NOT NULL,
  position      INTEGER NOT NULL, -- of the plan; a run may be planned again
  plan          TEXT    NOT NULL, -- digest of the actions
  actions       INTEGER NOT NULL,
  reason        TEXT    NOT NULL,
  restores_run  TEXT,             -- in force again afterwards
  counts_before TEXT    NOT NULL, -- JSON {lifecycle: units}
  counts_after  TEXT    NOT NULL, -- JSON, as expected
  planned_by    TEXT    NOT NULL,
  planned_at    TEXT    NOT NULL,
  status        TEXT    NOT NULL, -- planned, replaced, started, executed, recorded, verified, failed
  gate          TEXT,             -- SG_C, where the run was enacted
  reverted      INTEGER NOT NULL, -- actions done so far
  changed_at    TEXT    NOT NULL,
  PRIMARY KEY (run, position)
) STRICT;

-- The inverse actions, in the order they are carried out: the last unit first.
CREATE TABLE revert_action (
  run      TEXT    NOT NULL,
  position INTEGER NOT NULL, -- of the plan
  step     INTEGER NOT NULL, -- from 0
  ordinal  INTEGER NOT NULL, -- run and ordinal name the unit version
  address  TEXT    NOT NULL,
  done     INTEGER,          -- position of the event that reverted it
  PRIMARY KEY (run, position, step)
) STRICT;

CREATE INDEX revert_action_ordinal ON revert_action (run, ordinal);
