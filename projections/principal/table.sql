-- Who may act, in which roles, with which keys.
CREATE TABLE principal (
  principal     TEXT    NOT NULL PRIMARY KEY,
  kind          TEXT    NOT NULL, -- human, agent, service
  name          TEXT    NOT NULL,
  roles         TEXT    NOT NULL, -- JSON array
  responsible   TEXT    NOT NULL, -- the human who answers for it
  registered_by TEXT    NOT NULL,
  registered_at TEXT    NOT NULL,
  revoked       INTEGER NOT NULL, -- 0 or 1
  revoked_by    TEXT,
  revoked_at    TEXT,
  reason        TEXT,             -- why it was revoked
  position      INTEGER NOT NULL  -- of its newest event
) STRICT;

-- Every key there ever was. In force: until_at IS NULL.
CREATE TABLE principal_key (
  keyid          TEXT    NOT NULL PRIMARY KEY,
  principal      TEXT    NOT NULL,
  public         TEXT    NOT NULL, -- 32 bytes in base64
  since_at       TEXT    NOT NULL,
  since_position INTEGER NOT NULL,
  until_at       TEXT,
  until_position INTEGER
) STRICT;

CREATE INDEX principal_key_principal ON principal_key (principal);
