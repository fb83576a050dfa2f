/** What a journey is asked for: the words after `journey`, read strictly. Where the ledger and the keys are, the program itself is told. */
import { parseArgs } from "node:util";
import { malformedStop, type Stop } from "../output/Problem.js";

export interface JourneyOptions {
  /** The document; absent: our sample. */
  readonly file?: string;
  /** How a statute is numbered: `en`, `vi`, `de`, `numbered`. Default: found out. */
  readonly profile?: string;
  /** `markdown` or `statute`. Default: found out. */
  readonly grammar?: string;
  /** The local human who approves every gate and acknowledges every finding, unasked: for trying out. */
  readonly rule?: string;
  /** Whether the enacted version is taken back at the end, through SG_C. Always on the sample; else only when asked for. */
  readonly compensate?: boolean;
  readonly help?: boolean;
}

export const usage = `npm start                      the whole journey of a sample document, in a new ledger
npm start -- FILE [options]    the same for your own document, stopping at each gate for a ruling

  --profile NAME     how a statute is numbered: en, vi, de, numbered (default: found out)
  --grammar NAME     markdown or statute (default: found out)
  --rule PRINCIPAL   this local human approves every gate and acknowledges every finding: for trying out
  --compensate       take the enacted version back again at the end, through SG_C
  --ledger PATH      the ledger: made where there is none, continued where there is one
                     (default: IU_LEDGER, or .iu-ledger/ledger.sqlite)
  --keys DIR         the keys of local principals (default: IU_KEYS, or .iu-ledger/keys)

Running it again on the same ledger and file goes on where the run stands.
Exit codes: 0 done; 1 refused, held or waiting for a ruling; 2 malformed; 3 cannot; 130 Ctrl-C.`;

/** Reads the words. Throws a {@link Stop} with exit code 2 for what makes no sense. */
export function readOptions(words: readonly string[]): JourneyOptions {
  const { values, positionals } = parse(words);
  const [file, ...more] = positionals;
  if (more.length > 0) throw malformed(`One document at a time, not ${positionals.length}: ${positionals.join(", ")}.`);
  const named = Object.keys(values).find((name) => name !== "help");
  if (file === undefined && named !== undefined) {
    throw malformed(`--${named} goes with a document of your own: npm start -- FILE --${named} …`);
  }
  return { ...values, ...(file === undefined ? {} : { file }) };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        profile: { type: "string" },
        grammar: { type: "string" },
        rule: { type: "string" },
        compensate: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw malformed(error instanceof Error ? `${error.message.split(". ")[0]}.` : String(error));
  }
}

function malformed(message: string): Stop {
  return malformedStop("OPTIONS_MALFORMED", message, "npm start -- --help shows what can be asked for.");
}
