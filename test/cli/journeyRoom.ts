// A room to make journeys in: a folder, a terminal that writes down what is shown and answers what it is told to, and the journey itself.
// In the test's own process, so that a run may be looked at between two journeys.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type GovernedLedger, openLedger } from "../../src/app.js";
import { type JourneyContext, type JourneyWords, journey } from "../../src/cli/journey/journey.js";
import { styleOf } from "../../src/cli/output/style.js";
import type { Terminal } from "../../src/cli/output/Terminal.js";
import { readConfig } from "../../src/config.js";
import { loadKey } from "../../src/keys/keyFolder.js";
import type { Signer } from "../../src/keys/Signer.js";
import { withTempDir } from "../support/withTempDir.js";

export interface Shown {
  readonly exit: number;
  /** What stood on stdout, and on stderr. */
  readonly out: string;
  readonly note: string;
  /** The questions that were asked. */
  readonly asked: readonly string[];
}

export interface JourneyRoom {
  readonly folder: string;
  readonly ledger: string;
  /** Makes a journey. `answers`: what is typed, one a question; then somebody is there. `interruptAt`: Ctrl-C once this has been shown. */
  go(
    file: string | undefined,
    words?: JourneyWords,
    how?: { answers?: readonly string[]; interruptAt?: string; width?: number },
  ): Promise<Shown>;
  /** Opens the room's ledger for a look, or to act on it. */
  look<T>(work: (ledger: GovernedLedger, key: (principal: string) => Signer) => Promise<T>): Promise<T>;
}

export async function withJourneyRoom(use: (room: JourneyRoom) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const folder = join(dir, ".iu-ledger");
    mkdirSync(folder);
    const ledger = join(folder, "ledger.sqlite");
    const keys = join(folder, "keys");
    await use({
      folder: dir,
      ledger,
      async go(file, words = {}, { answers, interruptAt, width } = {}) {
        const shown = { out: "", note: "", asked: [] as string[] };
        const left = [...(answers ?? [])];
        const interruption = new AbortController();
        const terminal: Terminal = {
          colour: false,
          width,
          live: false,
          interactive: answers !== undefined,
          closed: false,
          out(text) {
            shown.out += `${text}\n`;
            if (interruptAt !== undefined && text.includes(interruptAt)) interruption.abort();
          },
          outBytes: () => undefined,
          note(text) {
            shown.note += `${text}\n`;
          },
          redraw: () => undefined,
          ask: async (question) => {
            shown.asked.push(question);
            return left.shift();
          },
          askSecret: async () => undefined,
          input: async () => new Uint8Array(),
          flush: async () => undefined,
        };
        const context: JourneyContext = {
          terminal,
          config: {
            ...readConfig({}, ""),
            ledger,
            keys,
            colourOff: true,
            program: "npx iu-ledger",
            journey: "npm start --",
          },
          signal: interruption.signal,
          style: styleOf(false),
          json: false,
          ledger,
          postgres: undefined,
          keys,
          passphraseFrom: undefined,
          interrupted: () => [],
        };
        return { exit: await journey(context, file, words), ...shown };
      },
      async look(work) {
        const open = await openLedger(ledger);
        try {
          return await work(open, (principal) => loadKey(keys, principal));
        } finally {
          await open.close();
        }
      },
    });
  });
}
