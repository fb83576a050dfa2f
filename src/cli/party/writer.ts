/** `writer list`, `ratify`, `retire`: the pinned writers of this program, and those the ledger has in force. */
import { listWriters, type WriterRow } from "../../../projections/writer/queries.js";
import { writersLock } from "../../writers/lock.js";
import { answer, type Context } from "../Context.js";
import { refusedStop } from "../output/Problem.js";
import { table } from "../output/table.js";
import { brief, moment } from "../output/text.js";
import { wordsFor } from "../session/ask.js";
import { withReading } from "../session/reading.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

/** A writer as the ledger and this program know it. */
interface Shown {
  readonly name: string;
  readonly version: number;
  readonly source: string;
  readonly status: "in force" | "older" | "retired" | "not ratified";
  /** Whether this program carries exactly that source. */
  readonly here: boolean;
  readonly ratifiedBy: string | null;
  readonly ratifiedAt: string | null;
  /** Why it was retired. */
  readonly reason: string | null;
}

export async function listAll(context: Context): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const { style, terminal } = context;
    const known = await listWriters(sql);
    const unknown = writersLock.filter(
      (pin) => !known.some(({ name, version }) => name === pin.name && version === pin.version),
    );
    const writers: Shown[] = [
      ...known.map(shown),
      ...unknown.map((pin) => ({
        ...pin,
        status: "not ratified" as const,
        here: true,
        ratifiedBy: null,
        ratifiedAt: null,
        reason: null,
      })),
    ];
    answer(context, { writers }, () =>
      table(
        [
          { title: "writer", paint: style.strong },
          { title: "status" },
          { title: "source" },
          { title: "this program" },
          { title: "ratified" },
        ],
        writers.map((one) => [
          `${one.name}.v${one.version}`,
          {
            text: one.status,
            paint: one.status === "in force" ? style.good : one.status === "not ratified" ? style.open : style.faint,
          },
          brief(one.source),
          one.here ? "carries it" : { text: "has not got it", paint: style.bad },
          one.ratifiedAt === null ? "" : `${moment(one.ratifiedAt)} by ${one.ratifiedBy}`,
        ]),
        { style, width: terminal.width },
      ),
    );
  });
  return undefined;
}

function shown({ name, version, source, inForce, ratifiedBy, ratifiedAt, retiredAt, reason }: WriterRow): Shown {
  const status = retiredAt !== null ? "retired" : inForce ? "in force" : "older";
  const here = writersLock.some((pin) => pin.name === name && pin.version === version && pin.source === source);
  return { name, version, source, status, here, ratifiedBy, ratifiedAt, reason };
}

export async function ratify(context: Context, name: string, version: number | undefined): Promise<undefined> {
  const pins = writersLock.filter((pin) => pin.name === name).sort((a, b) => b.version - a.version);
  const pin = version === undefined ? pins[0] : pins.find((one) => one.version === version);
  if (pin === undefined) {
    const carried = writersLock.map((one) => `${one.name}.v${one.version}`).join(", ");
    throw refusedStop(
      "WRITER_UNKNOWN",
      `This program carries no writer ${name}${version === undefined ? "" : `.v${version}`}; it has ${carried}.`,
      "Name one of them.",
      { writer: name },
    );
  }
  await withCurrentLedger(context, async (ledger) => {
    const said = await submit(context, ledger, "RatifyWriter", pin);
    await ledger.catchUp();
    report(context, said, { what: `${pin.name}.v${pin.version} ratified`, json: { writer: pin } });
  });
  return undefined;
}

export async function retire(
  context: Context,
  name: string,
  version: number,
  options: { reason?: string },
): Promise<undefined> {
  const reason = await wordsFor(context, options.reason, "reason");
  await withCurrentLedger(context, async (ledger) => {
    const said = await submit(context, ledger, "RetireWriter", { name, version, reason });
    await ledger.catchUp();
    report(context, said, { what: `${name}.v${version} retired`, json: { writer: { name, version } } });
  });
  return undefined;
}
