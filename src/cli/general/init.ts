/**
 * `init`: a ledger file and local keys for trying out. Each key is saved before the event that names it, so a crash loses no key, and
 * the same command again goes on where it stopped. Must never touch a ledger that is in use.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { principalCategory } from "../../../commands/principal.js";
import type { GovernedLedger } from "../../app.js";
import { parseEvent } from "../../events/envelope.js";
import type { PrincipalKind, Role } from "../../events/fields.js";
import { keyNames, loadKey, saveKey } from "../../keys/keyFolder.js";
import { generateSigner, publicKeyOf, type Signer } from "../../keys/Signer.js";
import type { Context } from "../Context.js";
import { cannotStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { table } from "../output/table.js";
import { wrapped } from "../output/text.js";
import { report } from "../session/report.js";
import { sqlitePath } from "../session/sqlitePath.js";
import { type Said, said, submit } from "../session/submit.js";
import { withLedger } from "../session/writing.js";

export interface InitOptions {
  readonly name: string;
  readonly origin: string;
}

interface Part {
  readonly principal: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly responsible: string;
}

/** One for each side of a run that must not be the same person. The first is the root of trust. */
const cast: readonly [Part, ...Part[]] = [
  {
    principal: "sovereign",
    name: "Local sovereign",
    kind: "human",
    roles: ["sovereign", "admin"],
    responsible: "sovereign",
  },
  { principal: "editor", name: "Local editor", kind: "human", roles: ["editor", "reviewer"], responsible: "editor" },
  {
    principal: "orchestrator",
    name: "Local orchestrator",
    kind: "agent",
    roles: ["orchestrator", "executor", "writer"],
    responsible: "editor",
  },
  { principal: "verifier", name: "Local verifier", kind: "human", roles: ["verifier"], responsible: "verifier" },
];

/** What only an init writes. */
const initEvents = ["LedgerOpened", "PrincipalRegistered", "KeyBound", "PolicyAdopted", "WriterRatified"];

export async function init(context: Context, { name, origin }: InitOptions): Promise<undefined> {
  const path = sqlitePath(context.ledger);
  makeFolder(dirname(path));
  await withLedger(
    context,
    async (ledger) => {
      const begun = await ledger.identity();
      const missing = await unregistered(ledger);
      if (begun !== null && (missing.length === 0 || !(await isOnlyBegun(ledger)))) {
        throw refusedStop(
          "LEDGER_EXISTS",
          `There is a ledger at ${context.ledger} already: ${begun.ledger}.`,
          "Use it, or make another elsewhere with --ledger and --keys.",
          { ledger: begun.ledger, size: (await ledger.store.head()).size },
        );
      }
      const signers = new Map(cast.map(({ principal }) => [principal, keyOf(context, principal)]));
      const signerOf = (part: Part) => signers.get(part.principal) as Signer;
      const [first, ...others] = cast;
      const root = signerOf(first);
      let answers: Said = { outcome: "committed", events: [], signer: root.principal };
      const add = ({ events }: Said) => {
        answers = { ...answers, events: [...answers.events, ...events] };
      };
      if (begun === null) {
        add(said(await ledger.init({ name, origin, sovereign: { name: first.name, signer: root } }), root.principal));
      }
      for (const part of others.filter((one) => missing.includes(one))) {
        const { key } = { key: publicKeyOf(signerOf(part).privateKey) };
        add(
          await submit(
            context,
            ledger,
            "RegisterPrincipal",
            { ...part, roles: [...part.roles], key },
            { signer: root },
          ),
        );
      }
      await ledger.catchUp();
      tell(context, (await ledger.identity())?.ledger ?? "", origin, answers, signerOf);
    },
    { create: true },
  );
  return undefined;
}

function tell(context: Context, ledger: string, origin: string, answers: Said, signerOf: (part: Part) => Signer): void {
  const { style, terminal } = context;
  const people = cast.map((part) => ({
    ...part,
    keyid: signerOf(part).keyid,
    keyFile: join(context.keys, `${part.principal}.pem`),
  }));
  const warning =
    "These keys are for trying out: whoever can read the folder can do everything together, and nothing is independent of anything. " +
    "In earnest each human keeps their own key elsewhere and sends its public half (iu-ledger principal add --public-key), an agent's key lies in its own secret store, and none lies beside the ledger.";
  report(context, answers, {
    what: "Ledger opened",
    quiet: true,
    json: { ledger, origin, path: context.ledger, keys: context.keys, principals: people, warning },
    next: "iu-ledger document add FILE",
    lines: [
      ...pairs(
        [
          ["ledger", ledger],
          ["file", context.ledger],
          ["keys", `${context.keys}  ${style.faint("one file each, readable by you only")}`],
        ],
        style,
      ),
      "",
      ...table(
        [{ title: "principal" }, { title: "kind" }, { title: "may" }, { title: "answers for it" }, { title: "key" }],
        people.map((one) => [one.principal, one.kind, one.roles.join(", "), one.responsible, one.keyid]),
        { style, width: terminal.width, indent: "  " },
      ),
      "",
      ...wrapped(warning, Math.min(terminal.width ?? 100, 100) - 2).map((line) => style.open(`  ${line}`)),
      "",
    ],
  });
}

/** The key in the folder, or a new one saved there. */
function keyOf(context: Context, principal: string): Signer {
  if (keyNames(context.keys).includes(principal)) return loadKey(context.keys, principal);
  const signer = (context.newSigner ?? generateSigner)(principal);
  saveKey(context.keys, signer);
  const ignore = join(context.keys, ".gitignore");
  // A key that slips into version control is everybody's.
  if (!existsSync(ignore)) writeFileSync(ignore, "*\n");
  return signer;
}

async function unregistered(ledger: GovernedLedger): Promise<Part[]> {
  const missing: Part[] = [];
  for (const part of cast) {
    if ((await ledger.state(principalCategory, part.principal)).principal === null) missing.push(part);
  }
  return missing;
}

/** Whether an init was interrupted here and nothing else has happened since. */
async function isOnlyBegun(ledger: GovernedLedger): Promise<boolean> {
  const events = await ledger.store.read(0, 50);
  return (
    events.length < 50 &&
    events
      .map(({ bytes }) => parseEvent(bytes))
      .every(({ type, actor }) => initEvents.includes(type) && actor === cast[0].principal)
  );
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotStop(
      "FOLDER_NOT_MADE",
      `The folder ${folder} cannot be made (${(error as NodeJS.ErrnoException).code}).`,
      "Choose another place with --ledger.",
    );
  }
}
