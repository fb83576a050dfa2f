-- Writers ratified. In force: the greatest version that is not retired.
CREATE TABLE writer (
  name        TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  source      TEXT    NOT NULL, -- SHA-256 of the source file
  ratified_by TEXT    NOT NULL,
  ratified_at TEXT    NOT NULL,
  retired_by  TEXT,
  retired_at  TEXT,
  reason      TEXT,             -- why it was retired
  position    INTEGER NOT NULL, -- of its newest event
  PRIMARY KEY (name, version)
) STRICT;
