-- How far the projections have followed the ledger. It moves in the transaction of the work, so rows and bookmark always agree.
CREATE TABLE IF NOT EXISTS bookmark (
  name    TEXT    NOT NULL PRIMARY KEY,
  size    INTEGER NOT NULL, -- events applied
  leaf    TEXT,             -- leaf hash of the last of them
  format  INTEGER NOT NULL,
  ddl     TEXT    NOT NULL, -- SHA-256 of the statements that made the tables
  objects TEXT    NOT NULL  -- JSON {tables, views}: what to drop when the format changes
) STRICT;
