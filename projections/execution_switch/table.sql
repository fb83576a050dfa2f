-- The execution switch, run by run. Armed: disarmed_at IS NULL and until_at is in the future. No row: off.
CREATE TABLE execution_switch (
  run             TEXT    NOT NULL PRIMARY KEY,
  until_at        TEXT    NOT NULL,
  reason          TEXT    NOT NULL,
  armed_by        TEXT    NOT NULL,
  armed_at        TEXT    NOT NULL,
  disarmed_by     TEXT,
  disarmed_at     TEXT,
  disarmed_reason TEXT,
  position        INTEGER NOT NULL -- of the newest event
) STRICT;
