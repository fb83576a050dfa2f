-- What each unit version has been, and since when: rows are only ever added.
CREATE TABLE lifecycle (
  run      TEXT    NOT NULL, -- run and ordinal name the unit version
  ordinal  INTEGER NOT NULL,
  position INTEGER NOT NULL, -- of the event that made it so
  state    TEXT    NOT NULL, -- draft, reviewed, enacted, superseded, reverted
  time     TEXT    NOT NULL,
  actor    TEXT    NOT NULL,
  PRIMARY KEY (run, ordinal, position)
) STRICT;
