-- The ledger in a Postgres database, schema iu. The rules live here, where no client can skip them: rows are only ever added, positions,
-- revisions and parts are dense, and the root is made by the database from the very bytes it stores.
-- A person can read it all: SELECT position, stream, revision, type, time, actor FROM iu.history ORDER BY position;

-- Whoever appends locks it. It is never written: a counter in it would leave a dead version behind for each append, and with one old
-- snapshot open anywhere in the cluster every later append would have to walk over all of them.
CREATE TABLE iu.turn (
  id integer PRIMARY KEY CHECK (id = 0)
);
INSERT INTO iu.turn VALUES (0);

-- What a row must be is checked in iu.append, once for a whole batch: the text of a CHECK would be parsed again for every statement.
CREATE TABLE iu.event (
  position bigint PRIMARY KEY,
  stream   text   COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  bytes    bytea  NOT NULL,
  UNIQUE (stream, revision)
);

-- A command is appended in parts, each once, in order, nothing after the last one. Its signed envelope stands with part 0. No part is
-- without events, so `position`, where its first one stands, orders the parts of all commands.
CREATE TABLE iu.command (
  id       text    COLLATE "C" NOT NULL,
  part     integer NOT NULL,
  position bigint  NOT NULL,
  count    integer NOT NULL,
  last     integer NOT NULL, -- 0 or 1
  envelope bytea,
  PRIMARY KEY (id, part)
);
CREATE INDEX command_position ON iu.command (position) WHERE part = 0;

-- The heads the ledger has had, one for each commit; the newest is the one with the most parts. `peaks` are the roots of the perfect
-- subtrees that cover the log (RFC 6962), largest first, 32 bytes each, one for each set bit of the size.
CREATE TABLE iu.head (
  parts bigint PRIMARY KEY,
  size  bigint NOT NULL,
  peaks bytea[] NOT NULL
);
INSERT INTO iu.head VALUES (0, 0, '{}');

-- Text beside the ledger: salt and bytes are stored together and erased together.
CREATE TABLE iu.content (
  commitment text  COLLATE "C" PRIMARY KEY,
  salt       bytea NOT NULL CHECK (octet_length(salt) = 32),
  bytes      bytea NOT NULL
);

-- IU001: what is stored stays. A trigger, since a rule would let the statement pass in silence; ALWAYS, so that a session that plays
-- the replica is told the same.
CREATE FUNCTION iu.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'iu.%: % is refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'IU001',
    HINT = 'What is stored is never changed: what was wrong is put right by a new event.';
END $$;

CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.event FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
CREATE TRIGGER command_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.command FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
CREATE TRIGGER head_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.head FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
CREATE TRIGGER turn_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.turn FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
CREATE TRIGGER content_kept BEFORE UPDATE OR TRUNCATE ON iu.content FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();
CREATE TRIGGER migration_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON iu.migration FOR EACH STATEMENT EXECUTE FUNCTION iu.refuse();

ALTER TABLE iu.event ENABLE ALWAYS TRIGGER event_kept;
ALTER TABLE iu.command ENABLE ALWAYS TRIGGER command_kept;
ALTER TABLE iu.head ENABLE ALWAYS TRIGGER head_kept;
ALTER TABLE iu.turn ENABLE ALWAYS TRIGGER turn_kept;
ALTER TABLE iu.content ENABLE ALWAYS TRIGGER content_kept;
ALTER TABLE iu.migration ENABLE ALWAYS TRIGGER migration_kept;

-- A commit that is answered is on the disk, whatever the database or the role is set to. To be called inside the transaction of the work.
-- IU005: no setting of a session can make it so.
CREATE FUNCTION iu.durably() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF pg_catalog.current_setting('fsync') = 'off' THEN
    RAISE EXCEPTION 'the server runs with fsync = off: what it calls committed may not be on the disk' USING ERRCODE = 'IU005',
      HINT = 'Set fsync = on in postgresql.conf and reload it; until then the ledger can be opened for reading only.';
  END IF;
  IF pg_catalog.current_setting('synchronous_commit') = 'off' THEN
    PERFORM pg_catalog.set_config('synchronous_commit', 'on', true);
  END IF;
END $$;

-- Appends a batch, in one call. What is judged, and in which order, is said in src/ledger/judge.ts: this is the same judgement, here because
-- an appender may do nothing but call it. It trusts nobody: whatever arrays it is given, positions, revisions, parts and root come out
-- right. Arrays are only ever read by place, from 1: what is not there is null, and null is refused.
--   ids, streams                    the commands and streams the batch is about, each once
--   append_*                        one element for each append: its command (its place in ids), its part, whether that is the last (0 or
--                                   1), the envelope, and how many of the guards and entries that follow, in order, are its own
--   guard_*, entry_*                of all appends, one after the other; a stream is its place in streams
-- Answers four numbers for each append:
--   0, position, count, 0           committed
--   1, stream, expected, actual     conflict
--   2, 0, 0, 0                      duplicate
-- IU002: an append that nobody could have meant. IU004: head and events do not agree.
-- IU005: see iu.durably. Nothing is written then.
CREATE FUNCTION iu.append(
  ids text[], streams text[],
  append_id integer[], append_part integer[], append_last integer[], append_envelope bytea[],
  append_guards integer[], append_entries integer[],
  guard_stream integer[], guard_revision bigint[],
  entry_stream integer[], entry_revision bigint[], entry_bytes bytea[]
) RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  -- Planned once in a session, not at each call; and so that what was planned for small tables is right for large ones.
  SET plan_cache_mode = force_generic_plan
  SET enable_seqscan = off
AS $$
DECLARE
  leaves bytea[];
  newest bigint[];
  known integer[];
  entry_position bigint[]; -- null for what is refused
  append_position bigint[];
  answer bigint[];
  head_parts bigint;
  head_size bigint;
  events bigint;
  peaks bytea[];
  height integer;
  size bigint;
  parts bigint;
  bits bigint;
  node bytea;
  guard_end integer := 0;
  entry_end integer := 0;
  guard_begin integer;
  entry_begin integer;
  command integer;
  refused boolean;
BEGIN
  IF '' = ANY (ids) OR '' = ANY (streams) OR ''::bytea = ANY (entry_bytes) OR 0 > ANY (append_entries) THEN
    RAISE EXCEPTION 'iu.append: an id, a stream or an event is empty' USING ERRCODE = 'IU002';
  END IF;
  IF current_setting('synchronous_commit') = 'off' OR current_setting('fsync') = 'off' THEN PERFORM iu.durably(); END IF;
  -- Hashed before the lock is taken: others may append meanwhile.
  FOR e IN 1 .. cardinality(entry_bytes) LOOP leaves[e] := sha256('\x00'::bytea || entry_bytes[e]); END LOOP;

  -- The weakest mode that keeps out itself: in nobody's way who reads or backs up, and unlike the lock of a row it writes nothing.
  LOCK TABLE iu.turn IN SHARE UPDATE EXCLUSIVE MODE;
  SELECT h.parts, h.parts, h.size, h.size, h.peaks, cardinality(h.peaks),
    (SELECT coalesce(max(e.position) + 1, 0) FROM iu.event e),
    ARRAY(SELECT coalesce((SELECT e.revision FROM iu.event e WHERE e.stream = streams[s.n] ORDER BY e.revision DESC LIMIT 1), -1)
      FROM (SELECT generate_series(1, cardinality(streams)) AS n) AS s),
    -- How many parts of each command there are; negative where the last one is among them.
    ARRAY(SELECT coalesce((SELECT CASE WHEN c.last = 1 THEN -c.part - 1 ELSE c.part + 1 END
        FROM iu.command c WHERE c.id = ids[i.n] ORDER BY c.part DESC LIMIT 1), 0)
      FROM (SELECT generate_series(1, cardinality(ids)) AS n) AS i)
    INTO head_parts, parts, head_size, size, peaks, height, events, newest, known FROM iu.head h ORDER BY h.parts DESC LIMIT 1;
  IF events IS DISTINCT FROM size OR size IS NULL THEN
    RAISE EXCEPTION 'the head says % events, the table has %', size, events USING ERRCODE = 'IU004',
      HINT = 'Somebody has changed the tables: stop writing, keep the database as it is, and run replay.';
  END IF;

  FOR a IN 1 .. cardinality(append_id) LOOP
    guard_begin := guard_end + 1;
    guard_end := guard_end + append_guards[a];
    entry_begin := entry_end + 1;
    entry_end := entry_end + append_entries[a];
    command := append_id[a];
    IF known[command] < 0 OR append_part[a] < known[command] THEN
      answer := answer || '{2, 0, 0, 0}'::bigint[];
      CONTINUE;
    END IF;
    IF append_part[a] IS DISTINCT FROM known[command] OR (append_part[a] = 0 AND append_envelope[a] IS NULL)
      OR append_entries[a] = 0 THEN
      RAISE EXCEPTION 'command %: part % cannot be appended, part % is not there', ids[command], append_part[a], known[command]
        USING ERRCODE = 'IU002';
    END IF;

    refused := false;
    FOR g IN guard_begin .. guard_end LOOP
      IF newest[guard_stream[g]] IS DISTINCT FROM guard_revision[g] THEN
        answer := answer || ARRAY[1, guard_stream[g], guard_revision[g], newest[guard_stream[g]]];
        refused := true;
        EXIT;
      END IF;
    END LOOP;
    CONTINUE WHEN refused;
    FOR e IN entry_begin .. entry_end LOOP
      IF entry_revision[e] IS DISTINCT FROM newest[entry_stream[e]] + 1 OR entry_revision[e] IS NULL THEN
        answer := answer || ARRAY[1, entry_stream[e], entry_revision[e] - 1, newest[entry_stream[e]]];
        refused := true;
        FOR f IN REVERSE e - 1 .. entry_begin LOOP newest[entry_stream[f]] := entry_revision[f] - 1; END LOOP;
        EXIT;
      END IF;
      newest[entry_stream[e]] := entry_revision[e];
    END LOOP;
    CONTINUE WHEN refused;

    answer := answer || ARRAY[0, size, append_entries[a], 0];
    append_position[a] := size;
    parts := parts + 1;
    known[command] := CASE WHEN append_last[a] = 0 THEN append_part[a] + 1 ELSE -append_part[a] - 1 END;
    FOR e IN entry_begin .. entry_end LOOP
      entry_position[e] := size;
      node := leaves[e];
      -- Each trailing 1 bit of the size is a perfect subtree that the new leaf completes into a larger one.
      bits := size;
      WHILE bits & 1 = 1 LOOP
        node := sha256('\x01'::bytea || peaks[height] || node);
        height := height - 1;
        bits := bits >> 1;
      END LOOP;
      height := height + 1;
      peaks[height] := node;
      size := size + 1;
    END LOOP;
  END LOOP;
  IF parts = head_parts THEN RETURN answer; END IF;

  IF size > head_size THEN
    INSERT INTO iu.event (position, stream, revision, bytes)
      SELECT entry_position[n], streams[entry_stream[n]], entry_revision[n], entry_bytes[n]
      FROM (SELECT generate_series(1, array_upper(entry_position, 1)) AS n) AS e WHERE entry_position[n] IS NOT NULL;
  END IF;
  INSERT INTO iu.command (id, part, position, count, last, envelope)
    SELECT ids[append_id[n]], append_part[n], append_position[n], append_entries[n], (append_last[n] <> 0)::integer,
      CASE WHEN append_part[n] = 0 THEN append_envelope[n] END
    FROM (SELECT generate_series(1, array_upper(append_position, 1)) AS n) AS c WHERE append_position[n] IS NOT NULL;
  INSERT INTO iu.head VALUES (parts, size, peaks[1:height]);
  PERFORM pg_notify('iu_event', size::text);
  RETURN answer;
END $$;

-- Stores a content once, and only if it is the one committed to (src/events/commitment.ts).
CREATE FUNCTION iu.content_put(commitment text, salt bytea, bytes bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF commitment IS DISTINCT FROM encode(sha256('iu-ledger/content/v1'::bytea || '\x00'::bytea || salt || bytes), 'hex') THEN
    RAISE EXCEPTION 'iu.content_put: the content is not the one committed to' USING ERRCODE = 'IU002';
  END IF;
  PERFORM iu.durably();
  INSERT INTO iu.content AS c VALUES (content_put.commitment, content_put.salt, content_put.bytes) ON CONFLICT DO NOTHING;
END $$;

-- Erases a content, salt and bytes together; the commitment stays on the ledger. Answers whether there was one.
CREATE FUNCTION iu.content_erase(commitment text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM iu.durably();
  DELETE FROM iu.content c WHERE c.commitment = content_erase.commitment;
  RETURN FOUND;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA iu FROM PUBLIC;

-- For people: what happened, in order.
CREATE VIEW iu.history AS
SELECT position, stream, revision, said ->> 'type' AS type, said ->> 'time' AS time, said ->> 'actor' AS actor,
  said -> 'command' ->> 'id' AS command, said -> 'data' AS data
FROM iu.event, LATERAL (SELECT convert_from(bytes, 'UTF8')::json AS said) AS spoken;
