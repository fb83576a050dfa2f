-- Every policy ever adopted; the one with the greatest position is in force.
CREATE TABLE policy (
  position   INTEGER NOT NULL PRIMARY KEY,
  digest     TEXT    NOT NULL,
  policy     TEXT    NOT NULL, -- JSON
  adopted_by TEXT    NOT NULL,
  adopted_at TEXT    NOT NULL
) STRICT;
