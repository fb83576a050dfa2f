-- How far a publisher has got: so many events, from the first on, are acknowledged by the broker. Moved after the acknowledgement, never
-- before; whoever comes second finds it moved. It says nothing about the ledger, which it never touches.
CREATE TABLE iu.publisher (
  name    text   COLLATE "C" PRIMARY KEY,
  cluster text   COLLATE "C" NOT NULL, -- the broker's own id of its cluster
  topic   text   COLLATE "C" NOT NULL,
  size    bigint NOT NULL CHECK (size >= 0),
  leaf    text   COLLATE "C"           -- leaf hash of the last of them; null for none
);
GRANT SELECT ON iu.publisher TO iu_reader, iu_verifier, iu_orchestrator, iu_operator;
GRANT INSERT, UPDATE ON iu.publisher TO iu_operator;
REVOKE DELETE ON iu.publisher FROM iu_operator;
