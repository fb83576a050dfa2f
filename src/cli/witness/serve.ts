/**
 * `witness serve` and `witness recover`: a witness for the logs that are pinned, until it is stopped. Nothing is served before all that it remembers
 * was looked at.
 */
import type { AddressInfo } from "node:net";
import { formatVkey } from "../../tlog/noteKey.js";
import { type KnownLogs, knownLogs } from "../../witness/judgeCheckpoint.js";
import { type Served, serveWitness, type WitnessServer } from "../../witness/serveWitness.js";
import { answer, type Context } from "../Context.js";
import { untilStopped } from "../kafka/untilStopped.js";
import { cannotStop, type ExitCode, malformedStop } from "../output/Problem.js";
import { marks } from "../output/style.js";
import { counted, visible } from "../output/text.js";
import { readInput } from "../readInput.js";
import {
  chosenWitness,
  marksPlace,
  type PlaceOptions,
  said,
  withWitnessState,
  witnessRing,
  witnessSigner,
} from "./witnessPlace.js";

export interface ServeOptions extends PlaceOptions {
  readonly log?: readonly string[];
  readonly logs?: string;
  readonly listen: string;
}

const logsSizeMax = 1024 * 1024;

export async function serve(context: Context, options: ServeOptions): Promise<ExitCode> {
  const { json, terminal, style } = context;
  const address = addressOf(options.listen);
  const logs = await logsOf(context, options);
  const ring = witnessRing(context);
  const key = chosenWitness(context, ring, options.key);
  const signer = await witnessSigner(ring, key);
  return untilStopped(context, () =>
    withWitnessState(context, key, options, async (state, folder) => {
      const remembered = await state.check();
      const witness = { signer, logs, state, now: () => Date.parse(context.now()) };
      const onServed = (served: Served) =>
        terminal.out(
          json ? JSON.stringify({ event: "served", at: context.now(), ...served }) : lineOf(context, served),
        );
      const running = await listening(() => serveWitness({ witness, ...address, onServed }));
      const { address: host, port } = running.server.address() as AddressInfo;
      const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
      const vkey = formatVkey(key);
      const origins = [...logs.keys()];
      terminal.out(
        json
          ? JSON.stringify({ event: "started", at: context.now(), url, vkey, logs: origins, remembered, state: folder })
          : [
              `${style.good(marks.good)} Witness ${style.strong(visible(key.name))} at ${url} until interrupted (Ctrl-C)`,
              `  in a policy: witness ${visible(key.name)} ${vkey} ${url}`,
              `  knows ${counted(origins.length, "log")}: ${origins.map(visible).join(", ")}`,
              `  remembers ${counted(remembered, "log")} in ${folder}`,
            ].join("\n"),
      );
      await terminal.flush();
      await aborted(context.signal);
      await running.stop();
      terminal.out(
        json ? JSON.stringify({ event: "stopped", at: context.now() }) : "Stopped. What it cosigned is kept.",
      );
    }),
  );
}

export async function recover(context: Context, options: PlaceOptions): Promise<undefined> {
  const key = chosenWitness(context, witnessRing(context), options.key);
  await withWitnessState(context, key, options, async (state, folder) => {
    const taken = (await state.recover()).map(({ kept, from }) => ({
      origin: kept.checkpoint.origin,
      from,
      size: kept.checkpoint.size,
      timeS: kept.timeS,
    }));
    const remembered = await state.check();
    answer(context, { state: folder, marks: marksPlace(context, key).folder, taken, remembered }, () => [
      taken.length === 0
        ? "Nothing to take: the state is not behind any mark."
        : `${context.style.good(marks.good)} Taken from the marks: ${counted(taken.length, "log")}`,
      ...taken.map(({ origin, from, size }) => `  ${visible(origin)}  ${from ?? "nothing"} ${marks.arrow} ${size}`),
      `  remembers ${counted(remembered, "log")} in ${folder}`,
    ]);
  });
  return undefined;
}

/** The logs that are pinned: by options, and by the lines of a file. */
async function logsOf(context: Context, { log = [], logs }: ServeOptions): Promise<KnownLogs> {
  const lines =
    logs === undefined
      ? []
      : Buffer.from(await readInput(context, logs, logsSizeMax))
          .toString("utf8")
          .split("\n");
  const listed = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  const known = said("VKEY_MALFORMED", () => knownLogs([...listed, ...log]));
  if (known.size > 0) return known;
  throw malformedStop(
    "LOGS_MISSING",
    "A witness must be told which logs it is to watch.",
    "Pin each by its verifier key, with --log VKEY or a file of them, --logs FILE. An operator shows it with: iu-ledger log key",
  );
}

/** `PORT`, `HOST:PORT` or `[ADDRESS]:PORT`. */
function addressOf(words: string): { readonly host: string; readonly port: number } {
  const [, v6, named, digits] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):)?(\d{1,5})$/.exec(words) ?? [];
  const port = Number(digits);
  if (port <= 65_535) return { host: v6 ?? named ?? "127.0.0.1", port };
  throw malformedStop(
    "LISTEN_MALFORMED",
    `${words} is no address to listen on.`,
    "Write HOST:PORT, like 127.0.0.1:8470; port 0 is any free one.",
  );
}

async function listening(start: () => Promise<WitnessServer>): Promise<WitnessServer> {
  try {
    return await start();
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || syscall === undefined) throw error;
    throw cannotStop(
      "PORT_UNUSABLE",
      `The witness cannot listen there: ${message}.`,
      "Name another address with --listen.",
    );
  }
}

function lineOf({ style, now }: Context, served: Served): string {
  const { method, path, status, origin, oldSize, size, why, ms } = served;
  const mark = status === 200 ? style.good(marks.good) : status >= 500 ? style.bad(marks.bad) : style.open(marks.open);
  const what = origin === null ? visible(`${method} ${path}`) : `${visible(origin)} ${oldSize} ${marks.arrow} ${size}`;
  return `${mark} ${now()} ${status} ${what} ${style.faint(`${ms} ms`)}${why === null ? "" : ` ${visible(why)}`}`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
