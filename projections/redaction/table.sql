-- Redactions: who asked for which texts to be erased, who ruled, whether it was carried out. Waiting: outcome IS NULL.
CREATE TABLE redaction (
  redaction    TEXT    NOT NULL PRIMARY KEY,
  reason       TEXT    NOT NULL,
  subject      TEXT    NOT NULL, -- what a ruling names
  requested_by TEXT    NOT NULL,
  responsible  TEXT    NOT NULL, -- the human who answers for the requester
  requested_at TEXT    NOT NULL,
  position     INTEGER NOT NULL, -- of the request
  outcome      TEXT,             -- approved, rejected
  ruling       TEXT,             -- the sovereign's reason
  ruled_by     TEXT,
  ruled_at     TEXT,
  expires_at   TEXT,
  executed_by  TEXT,
  executed_at  TEXT
) STRICT;

-- The contents each names, and the event that says one was erased under it.
CREATE TABLE redacted_content (
  redaction TEXT    NOT NULL,
  content   TEXT    NOT NULL, -- its commitment
  position  INTEGER,
  PRIMARY KEY (redaction, content)
) STRICT;
CREATE INDEX redacted_content_content ON redacted_content (content);
