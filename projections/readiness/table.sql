-- The blocker matrix: for the next step of each run, what must hold. As of as_of, the newest event that bears on the run.
-- A row that is CLOSED holds until holds_until (RFC 3339, UTC), where that is given: later it is OPEN.
CREATE TABLE readiness (
  run         TEXT    NOT NULL,
  ordinal     INTEGER NOT NULL,
  document    TEXT    NOT NULL,
  step        TEXT    NOT NULL, -- the command that takes the run on
  name        TEXT    NOT NULL,
  status      TEXT    NOT NULL, -- CLOSED, PARTIAL, OPEN
  closed_by   TEXT    NOT NULL, -- the event that closes it
  code        TEXT,             -- why it is not closed: the refusal the step would get
  message     TEXT,
  next        TEXT,             -- what to do about it
  holds_until TEXT,
  as_of       TEXT    NOT NULL,
  position    INTEGER NOT NULL, -- of that newest event
  PRIMARY KEY (run, ordinal)
) STRICT;
