/**
 * The page of a pack, for people, with the data in it. It says nothing that is not in the data, and everything in it that others wrote is text and can
 * do nothing. No script runs in it and nothing is loaded.
 */
import { type RunState, runCategory } from "../../../commands/run/State.js";
import type { Envelope } from "../../events/envelope.js";
import { runsShown, shownUpTo } from "../../evidence/checkEvidence.js";
import { type Evidence, embedEvidence } from "../../evidence/Evidence.js";
import { parseCheckpoint } from "../../tlog/checkpoint.js";
import { parseNote } from "../../tlog/note.js";
import { eventText } from "../output/eventText.js";
import { counted, grouped, moment, visible } from "../output/text.js";

interface Placed {
  readonly position: number;
  readonly event: Envelope;
}

/** The whole file. The same data gives the same bytes in the same release. */
export function evidencePage(evidence: Evidence): string {
  const { checkpoint, events, subject, ledger, origin, contents, made } = evidence;
  const note = Buffer.from(checkpoint, "base64");
  const { size, root } = parseCheckpoint(parseNote(note).text);
  const placed = events.map(({ position, leaf }): Placed => ({ position, event: JSON.parse(leaf) as Envelope }));
  const runs = subject.runs.map((run) => folded(run, placed));
  const shown = runsShown(evidence);
  const held = runs.some((run) => run.held !== null) ? ", held" : "";
  const about = subject.unit === null ? `a run${held}` : "a unit";
  const absent = contents.filter(({ bytes }) => bytes === null).length;
  const texts = `${counted(contents.length, "content")}${absent === 0 ? "" : `, of which ${grouped(absent)} had been erased or lost`}`;
  const lines = [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>Evidence of ${about} · ${escaped(origin)}</title>`,
    `<style>${style}</style></head><body>`,
    `<h1>Evidence of ${about}</h1>`,
    definitions([
      ["Ledger", `${origin} (${ledger})`],
      ...(subject.unit === null ? [] : [["Unit", subject.unit] as const]),
      ...subject.runs.map((run) => ["Run", run] as const),
      ["Checkpoint", `${counted(size, "event")}, root ${Buffer.from(root).toString("hex")}`],
      ["Shown", `${shownUpTo(shown, size)}.${subject.unit === null ? "" : " Other runs of the unit may exist."}`],
      ["In this file", `${counted(events.length, "event")}, each with the proof that it is under that root; ${texts}`],
      ["Made by", `iu-ledger ${made.program} on Node ${made.node}, ${made.platform}`],
    ]),
    ...runs.flatMap((run, i) => runLines(run, shown[i]?.upTo ?? null)),
    "<h2>What this shows, and what it cannot</h2>",
    ...limits.map((line) => `<p>${escaped(line)}</p>`),
    "<h2>Events</h2>",
    "<table><thead><tr><th>Position</th><th>Time</th><th>Actor</th><th>Event</th><th>What it says</th></tr></thead><tbody>",
    ...placed.map(rowOf),
    "</tbody></table>",
    "<h2>By hand, where no program is left that knows this format</h2>",
    ...byHand.map((line) => `<p>${escaped(line)}</p>`),
    `<pre>${escaped(note.toString("utf8"))}</pre>`,
    embedEvidence(evidence),
    "</body></html>",
    "",
  ];
  return lines.join("\n");
}

const limits = [
  "Check it with 'iu-ledger evidence check FILE --vkey KEY', with the log's key as you know it from elsewhere. That needs neither the ledger nor a network. This page is only as good as the data in it: rely on what the check says.",
  "It shows that these events are on the log under the signed checkpoint, who signed them, that each was allowed when it was written, and that texts and records are the ones committed to. A run is shown up to its newest event in this file: that nothing of it was left out between there and the checkpoint, only somebody who has the log can say. A unit may have had other runs. Nor can it show that nothing followed after that checkpoint, or that the log's operator shows everyone the same log: that is what witnesses are for.",
] as const;

const byHand = [
  'The data stands in this file as JSON, in the element of the id "evidence". Each leaf is the text of one event: its UTF-8 bytes are what is hashed.',
  "Leaf hash: SHA-256 of a zero byte and the leaf. Node: SHA-256 of a byte 0x01, the left and the right hash. From the leaf's hash and those of its proof the root follows as in RFC 9162, section 2.1.3.2; the position is the leaf's index. The root, in base64, is the third line of the checkpoint below; the first is the log's name, the second the number of events.",
  "The checkpoint is a signed note (C2SP): its text, up to the empty line, is signed with Ed25519; the line after the dash holds the key's name and, in base64, four bytes of its id and the signature.",
  'A command\'s envelope is DSSE: the signature is over "DSSEv1", the length and the text of the payload type, the length and the bytes of the payload, one space between each. The public keys are in the events PrincipalRegistered and KeyRotated.',
  'The commitment to a content is the SHA-256 of "iu-ledger/content/v1", a zero byte, the salt and the bytes; that of a unit the same with "iu-ledger/unit/v1" and the bytes of its span.',
] as const;

function rowOf({ position, event }: Placed): string {
  const cells = [String(position), moment(event.time), event.actor, event.type, eventText(event)];
  return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`;
}

function runLines(run: RunState, upTo: number | null): string[] {
  const { plan, gates, held, legB, verify } = run;
  const blocking = plan?.findings.blocking.map(({ id, rule }) => `${id} (${rule})`).join(", ") ?? "";
  return [
    `<h2>Run ${escaped(run.run)}</h2>`,
    definitions([
      ["Document", `${run.document}, revision ${run.revision}`],
      [`State at position ${upTo}`, held === null ? run.phase : `HELD; it was ${run.phase}`],
      [
        "Plan",
        plan === null ? "none" : `${counted(plan.units, "unit")} by ${plan.grammar}/${plan.profile}, ${plan.cutter}`,
      ],
      ["Findings", plan === null ? "none" : `${plan.findings.total}; blocking: ${blocking === "" ? "none" : blocking}`],
      ...gates.map(
        ({ gate, ruling }) =>
          [gate, ruling === null ? "not ruled" : `${ruling.outcome} by ${ruling.ruledBy}: ${ruling.reason}`] as const,
      ),
      ["Leg B", legB === null ? "not recorded" : legB.recordDigest],
      ["Verify", verify === null ? "not recorded" : verify.recordDigest],
    ]),
    ...(held === null
      ? []
      : [
          "<h3>HOLD</h3>",
          definitions([
            ["Failing check", held.check],
            ["Reason", held.reason],
            ["Expected", held.expected],
            ["Actual", held.actual],
            ["Caused by", held.causedBy],
            ["Next", `another human looks into it, then: iu-ledger run release ${run.run}`],
            [
              "To reproduce",
              `iu-ledger evidence check FILE; on the ledger: iu-ledger replay, iu-ledger run show ${run.run}`,
            ],
          ]),
        ]),
  ];
}

function folded(run: string, events: readonly Placed[]): RunState {
  const state = runCategory.initial(run);
  for (const { position, event } of events)
    if (event.stream === `run-${run}`) runCategory.evolve(state, event, position);
  return state;
}

function definitions(pairs: readonly (readonly [string, string])[]): string {
  return `<dl>${pairs.map(([term, text]) => `<dt>${escaped(term)}</dt><dd>${escaped(text)}</dd>`).join("")}</dl>`;
}

/** As text in HTML: nothing of it is markup, and nothing steers a reader's eye. */
function escaped(text: string): string {
  const lines = text.split("\n").map(visible).join("\n");
  return lines.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

const style = [
  "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1a1a1a}",
  "h1,h2{line-height:1.2}",
  "dl{display:grid;grid-template-columns:9rem 1fr;gap:.2rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}",
  "table{border-collapse:collapse;width:100%}",
  "td,th{text-align:left;vertical-align:top;padding:.15rem .6rem .15rem 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}",
  "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:.6rem}",
].join("");
