-- Governed documents: what is newest, which run is open on it, which run's units are in force.
CREATE TABLE document (
  document      TEXT    NOT NULL PRIMARY KEY,
  title         TEXT    NOT NULL,
  source        TEXT,
  revision      INTEGER NOT NULL, -- the newest, from 0
  content       TEXT    NOT NULL, -- commitment of the newest revision's bytes
  length        INTEGER NOT NULL, -- bytes
  open_run      TEXT,
  in_force_run  TEXT,
  registered_by TEXT    NOT NULL,
  registered_at TEXT    NOT NULL,
  changed_at    TEXT    NOT NULL,
  position      INTEGER NOT NULL  -- of the newest event
) STRICT;

CREATE TABLE document_revision (
  document TEXT    NOT NULL,
  revision INTEGER NOT NULL,
  content  TEXT    NOT NULL,
  length   INTEGER NOT NULL,
  added_by TEXT    NOT NULL,
  added_at TEXT    NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (document, revision)
) STRICT;
