-- The ledger in one SQLite file. The rules live here, where no client can skip them: nothing stored is ever changed or deleted,
-- positions and revisions are dense, the head only moves to where the events are. A person can read it all with plain sqlite3:
--   SELECT position, stream, revision, type, time, actor FROM history ORDER BY position;
-- Event and envelope bytes are kept as TEXT so that a person sees JSON; the program writes and reads them as bytes, unchanged.

CREATE TABLE head (
  id     INTEGER PRIMARY KEY CHECK (id = 0),
  size   INTEGER NOT NULL CHECK (size >= 0),
  -- The roots of the perfect subtrees that cover the log (RFC 6962), largest first, 32 bytes each, one for each set bit of the size.
  peaks  BLOB    NOT NULL CHECK (length(peaks) % 32 = 0)
) STRICT;

CREATE TABLE event (
  position INTEGER PRIMARY KEY CHECK (position >= 0),
  stream   TEXT    NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 0),
  bytes    TEXT    NOT NULL,
  UNIQUE (stream, revision)
) STRICT;

-- A command is appended in parts, each once, in order, nothing after the last one. Its signed envelope stands with part 0.
CREATE TABLE command (
  id       TEXT    NOT NULL,
  part     INTEGER NOT NULL CHECK (part >= 0),
  position INTEGER NOT NULL CHECK (position >= 0),
  count    INTEGER NOT NULL CHECK (count >= 0),
  last     INTEGER NOT NULL CHECK (last IN (0, 1)),
  envelope TEXT    CHECK ((envelope IS NULL) = (part > 0)),
  CHECK (count > 0 OR last = 1),
  PRIMARY KEY (id, part)
) STRICT;

CREATE INDEX command_position ON command (position) WHERE part = 0;

-- Text beside the ledger: salt and bytes are stored together and erased together.
CREATE TABLE content (
  commitment TEXT PRIMARY KEY,
  salt       BLOB NOT NULL CHECK (length(salt) = 32),
  bytes      BLOB NOT NULL
) STRICT;

INSERT INTO head (id, size, peaks) VALUES (0, 0, x'');

-- The inserts also refuse what INSERT OR REPLACE would take away without firing a delete trigger.
CREATE TRIGGER event_dense BEFORE INSERT ON event
WHEN NEW.position IS NOT (SELECT coalesce(max(position) + 1, 0) FROM event)
  OR NEW.revision IS NOT (SELECT coalesce(max(revision) + 1, 0) FROM event WHERE stream = NEW.stream)
BEGIN SELECT raise(ABORT, 'event: position and revision must be the next ones'); END;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'event: events are never changed'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'event: events are never deleted'); END;

CREATE TRIGGER command_dense BEFORE INSERT ON command
WHEN NEW.part IS NOT (SELECT coalesce(max(part) + 1, 0) FROM command WHERE id = NEW.id)
  OR (NEW.part > 0 AND EXISTS (SELECT 1 FROM command WHERE id = NEW.id AND last = 1))
BEGIN SELECT raise(ABORT, 'command: parts come in order, each once, nothing after the last one'); END;
CREATE TRIGGER command_update BEFORE UPDATE ON command BEGIN SELECT raise(ABORT, 'command: commands are never changed'); END;
CREATE TRIGGER command_delete BEFORE DELETE ON command BEGIN SELECT raise(ABORT, 'command: commands are never deleted'); END;

CREATE TRIGGER content_once BEFORE INSERT ON content
WHEN EXISTS (SELECT 1 FROM content WHERE commitment = NEW.commitment)
BEGIN SELECT raise(ABORT, 'content: it is there already and is never changed'); END;
CREATE TRIGGER content_update BEFORE UPDATE ON content BEGIN SELECT raise(ABORT, 'content: it is erased or kept, never changed'); END;

CREATE TRIGGER head_once BEFORE INSERT ON head BEGIN SELECT raise(ABORT, 'head: there is one'); END;
CREATE TRIGGER head_delete BEFORE DELETE ON head BEGIN SELECT raise(ABORT, 'head: it is never deleted'); END;
CREATE TRIGGER head_moves BEFORE UPDATE ON head
WHEN NEW.size < OLD.size OR NEW.id <> OLD.id OR NEW.size IS NOT (SELECT coalesce(max(position) + 1, 0) FROM event)
BEGIN SELECT raise(ABORT, 'head: it only moves forward, to where the events are'); END;

-- For people: what happened, in order.
CREATE VIEW history AS
SELECT position, stream, revision, bytes ->> '$.type' AS type, bytes ->> '$.time' AS time, bytes ->> '$.actor' AS actor,
  bytes ->> '$.command.id' AS command, bytes -> '$.data' AS data
FROM event;

PRAGMA application_id = 1769288033; -- "iu1a": this file is an iu-ledger
