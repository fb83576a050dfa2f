/**
 * `npm run attack [-- NAME …] [--store sqlite|postgres] [--json]`: plays the attacks, each on a ledger of its own in a temporary folder, and says what
 * noticed them. Exit codes: 0 all noticed as was said, 1 something was not, 2 wrong words, 3 something could not be played, 130 interrupted.
 */
import { parseArgs } from "node:util";
import { styleOf } from "../../src/cli/output/style.js";
import { processTerminal } from "../../src/cli/processTerminal.js";
import { readConfig } from "../../src/config.js";
import { everyStore } from "./Attack.js";
import { attacks } from "./attacks.js";
import { attackTable, exitOf, type Row } from "./attackTable.js";
import { openBases } from "./bases.js";
import type { StoreKind } from "./Eye.js";
import { play } from "./play.js";

const usage = `npm run attack -- [NAME …] [--store sqlite|postgres] [--json]
  NAME      only the attacks whose name has one of these in it: ${attacks.map(({ id }) => id).join(", ")}
  --store   only on this kind of store (default: all an attack is for)
  --json    as JSON
`;

const terminal = processTerminal(readConfig().colourOff);
/** Where the width is nobody's to say (a pipe, a file). */
const pipeWidth = 120;

interface Words {
  readonly names: readonly string[];
  readonly stores: readonly StoreKind[];
  readonly json: boolean;
}

function readWords(args: string[]): Words {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { store: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const stores = everyStore.filter((store) => values.store === undefined || values.store === store);
  if (stores.length === 0) throw new Error(`--store takes ${everyStore.join(" or ")}, not ${values.store}`);
  const strange = positionals.find((name) => !attacks.some(({ id }) => id.includes(name)));
  if (strange !== undefined) throw new Error(`no attack has ${strange} in its name`);
  return { names: positionals, stores, json: values.json };
}

async function main({ names, stores, json }: Words): Promise<number> {
  const bases = openBases();
  const wanted = attacks
    .filter(({ id }) => names.length === 0 || names.some((name) => id.includes(name)))
    .map((attack) => ({ attack, stores: attack.stores.filter((store) => stores.includes(store)) }))
    .filter((one) => one.stores.length > 0);
  const rows: Row[] = [];
  for (const { attack, stores: on } of wanted) {
    const played = [];
    for (const store of on) {
      terminal.redraw(`${rows.length + 1} of ${wanted.length}: ${attack.id} on ${store} …`);
      played.push(await play(attack, store, bases));
    }
    rows.push({ number: attacks.indexOf(attack), attack, played });
  }
  terminal.redraw("");
  const exit = exitOf(rows);
  if (json) {
    const said = rows.map(({ attack: { play: _, stores: __, ...attack }, played }) => ({ ...attack, played }));
    terminal.out(JSON.stringify({ exit, attacks: said }, null, 2));
  } else {
    const style = styleOf(terminal.colour);
    terminal.out(attackTable(rows, { style, width: terminal.width ?? pipeWidth }).join("\n"));
  }
  await terminal.flush();
  return exit;
}

for (const [signal, exit] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.on(signal, () => {
    terminal.redraw("");
    process.exit(exit);
  });

let words: Words | undefined;
try {
  words = readWords(process.argv.slice(2));
} catch (error) {
  terminal.note(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
if (words !== undefined) process.exitCode = await main(words);
