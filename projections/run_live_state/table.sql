-- Runs: the live state of each, folded from its events.
CREATE TABLE run_live_state (
  run                TEXT    NOT NULL PRIMARY KEY,
  document           TEXT    NOT NULL,
  revision           INTEGER NOT NULL,
  content            TEXT    NOT NULL, -- commitment
  mode               TEXT    NOT NULL, -- live, rehearsal
  phase              TEXT    NOT NULL,
  held               INTEGER NOT NULL, -- 0 or 1: on HOLD
  hold_check         TEXT,
  hold_reason        TEXT,
  hold_expected      TEXT,
  hold_actual        TEXT,
  hold_caused_by     TEXT,
  assessment         TEXT,             -- safe, unsafe, ruling
  assessment_reasons TEXT,             -- JSON [{code, verdict, message}]
  plan               TEXT,             -- digest
  plan_content       TEXT,             -- commitment of the plan's bytes
  cutter             TEXT,
  grammar            TEXT,
  profile            TEXT,
  base_run           TEXT,             -- in force when it was planned
  planned_units      INTEGER,
  findings           INTEGER,
  blocking_findings  TEXT,             -- JSON [{id, rule, address}]
  transition_digest  TEXT,
  transition_classes TEXT,             -- JSON {class: count}
  dry_run            TEXT,             -- PASS, FAIL, INCONCLUSIVE
  dry_run_rules      TEXT,             -- JSON [{rule, assertions, failures}]
  dry_run_draft_root TEXT,
  non_mutation       TEXT,             -- PASS, FAIL, INCONCLUSIVE
  compensation_plan  TEXT,             -- digest of the way back
  units              INTEGER NOT NULL, -- cut so far
  repeals            INTEGER NOT NULL,
  open_rows          INTEGER NOT NULL, -- transition rows no human has resolved yet
  draft_root         TEXT,
  leg_b              TEXT,             -- record digests
  verify             TEXT,
  compensation_b     TEXT,
  restores_run       TEXT,             -- what a planned compensation brings back
  reverted           INTEGER NOT NULL, -- units reverted so far
  writer_digests     TEXT    NOT NULL, -- JSON {writer: rolling digest}
  opened_by          TEXT    NOT NULL,
  opened_at          TEXT    NOT NULL,
  opened_position    INTEGER NOT NULL,
  changed_at         TEXT    NOT NULL,
  position           INTEGER NOT NULL  -- of its newest event
) STRICT;

CREATE INDEX run_live_state_document ON run_live_state (document);
