-- Sovereign gates: what each binds to, and its ruling. Waiting: outcome IS NULL.
CREATE TABLE gate (
  run              TEXT    NOT NULL,
  gate             TEXT    NOT NULL, -- SG_1/1, SG_1/2, …
  kind             TEXT    NOT NULL, -- SG_1, SG_2, SG_C
  binds            TEXT    NOT NULL, -- JSON: what an approval covers
  subject          TEXT    NOT NULL, -- SHA-256 of that
  requested_by     TEXT    NOT NULL,
  responsible      TEXT    NOT NULL, -- the human who answers for the requester
  requested_at     TEXT    NOT NULL,
  position         INTEGER NOT NULL, -- of the request
  outcome          TEXT,             -- approved, rejected
  reason           TEXT,
  acknowledged     TEXT,             -- JSON: ids of findings
  ruled_by         TEXT,
  ruled_at         TEXT,
  ruled_position   INTEGER,
  expires_at       TEXT,
  used             INTEGER NOT NULL, -- 0 or 1: an approval is good once
  used_at          TEXT,
  used_position    INTEGER,
  PRIMARY KEY (run, gate)
) STRICT;
