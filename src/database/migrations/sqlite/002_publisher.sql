-- How far a publisher has got: so many events, from the first on, are acknowledged by the broker. Moved after the acknowledgement, never
-- before; whoever comes second finds it moved. It says nothing about the ledger, which it never touches.
CREATE TABLE publisher (
  name    TEXT    NOT NULL PRIMARY KEY,
  cluster TEXT    NOT NULL, -- the broker's own id of its cluster
  topic   TEXT    NOT NULL,
  size    INTEGER NOT NULL CHECK (size >= 0),
  leaf    TEXT              -- leaf hash of the last of them; null for none
) STRICT;
