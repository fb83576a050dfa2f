-- Units: the identity that lasts, and the version that speaks for it now: the one in force, else the newest that is not reverted.
CREATE TABLE unit (
  unit      TEXT    NOT NULL PRIMARY KEY,
  document  TEXT    NOT NULL,
  address   TEXT    NOT NULL,
  kind      TEXT    NOT NULL,
  label     TEXT,
  lifecycle TEXT    NOT NULL,
  run       TEXT    NOT NULL, -- run and ordinal name the version that speaks for it
  ordinal   INTEGER NOT NULL,
  first_run TEXT    NOT NULL,
  last_run  TEXT    NOT NULL,
  versions  INTEGER NOT NULL
) STRICT;

CREATE INDEX unit_document ON unit (document, address);
