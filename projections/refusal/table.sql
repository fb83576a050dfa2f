-- Attempts that were refused and recorded.
CREATE TABLE refusal (
  position INTEGER NOT NULL PRIMARY KEY,
  command  TEXT    NOT NULL, -- the command's id
  type     TEXT    NOT NULL,
  actor    TEXT    NOT NULL,
  code     TEXT    NOT NULL,
  message  TEXT    NOT NULL,
  numbers  TEXT    NOT NULL, -- JSON object
  next     TEXT    NOT NULL, -- what to do
  time     TEXT    NOT NULL
) STRICT;
