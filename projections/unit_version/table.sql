-- Unit versions: one text of a unit each, cut by a run. The text itself is a slice of the content: view unit_text.
CREATE TABLE unit_version (
  run        TEXT    NOT NULL,
  ordinal    INTEGER NOT NULL, -- its index in the cut, in document order, from 0
  unit       TEXT    NOT NULL,
  document   TEXT    NOT NULL,
  revision   INTEGER NOT NULL,
  content    TEXT    NOT NULL, -- commitment
  address    TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  label      TEXT,
  title      TEXT,             -- from the plan; NULL where it has none or has been erased
  parent     TEXT,             -- address
  span_start INTEGER NOT NULL, -- UTF-8 bytes [start, end) of the content
  span_end   INTEGER NOT NULL,
  raw        TEXT    NOT NULL, -- salted commitments
  norm       TEXT    NOT NULL,
  transition TEXT    NOT NULL, -- unchanged, layout, relabel, move, amend, split, merge, insert
  from_units TEXT    NOT NULL, -- JSON array
  open       INTEGER NOT NULL, -- 0 or 1: the transition waits for a human
  lifecycle  TEXT    NOT NULL, -- draft, reviewed, enacted, superseded, reverted
  position   INTEGER NOT NULL, -- of the cut
  PRIMARY KEY (run, ordinal)
) STRICT;

CREATE INDEX unit_version_unit ON unit_version (unit, position);
CREATE INDEX unit_version_address ON unit_version (run, address);
CREATE INDEX unit_version_document ON unit_version (document);

-- Units in force that a run's revision no longer has, as far as the cutter can tell.
CREATE TABLE repeal (
  run        TEXT    NOT NULL,
  unit       TEXT    NOT NULL,
  address    TEXT    NOT NULL,
  transition TEXT    NOT NULL, -- repeal, or what a human resolved it as
  open       INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  PRIMARY KEY (run, unit)
) STRICT;
