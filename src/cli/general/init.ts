/**
 * `init`: a ledger file and local keys for trying out. Each key is saved before the event that names it, so a crash loses no key, and
 * the same command again goes on where it stopped. Must never touch a ledger that is in use.
 */
import { commands } from "../../../commands/ledger.js";
import { checkKeyFolder, keyFile } from "../../keys/keyFolder.js";
import { publicKeyOf, type Signer } from "../../keys/Signer.js";
import type { Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { malformedStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { styleOf } from "../output/style.js";
import { table } from "../output/table.js";
import { wrapped } from "../output/text.js";
import { keyRing } from "../session/keyRing.js";
import { ledgerFolder, shownLedger } from "../session/ledgerUrl.js";
import { isOnlyBegun, localCast, localKey, type Part, unregistered } from "../session/localCast.js";
import { makeFolder } from "../session/makeFolder.js";
import { report } from "../session/report.js";
import { type Said, said, submit } from "../session/submit.js";
import { withLedger } from "../session/writing.js";

export interface InitOptions {
  readonly name: string;
  readonly origin: string;
}

export async function init(context: Context, { name, origin }: InitOptions): Promise<undefined> {
  // Before there is a file or a key to clean up after.
  assertWords({ name, origin });
  checkKeyFolder(context.keys);
  const ring = keyRing(context);
  if (localCast.some(({ principal }) => !ring.names().includes(principal))) await ring.ready();
  const folder = ledgerFolder(context.ledger);
  if (folder !== undefined) makeFolder(folder);
  await withLedger(
    context,
    async (ledger) => {
      const begun = await ledger.identity();
      const missing = await unregistered(ledger);
      if (begun !== null && (missing.length === 0 || !(await isOnlyBegun(ledger)))) {
        throw refusedStop(
          "LEDGER_EXISTS",
          `There is a ledger at ${shownLedger(context.ledger)} already: ${begun.ledger}.`,
          "Use it, or make another elsewhere with --ledger and --keys.",
          { ledger: begun.ledger, size: (await ledger.store.head()).size },
        );
      }
      const signers = new Map<string, Signer>();
      for (const { principal } of localCast) {
        signers.set(principal, await localKey(ring, context.keys, principal, context.newSigner));
      }
      const signerOf = (part: Part) => signers.get(part.principal) as Signer;
      const [first, ...others] = localCast;
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

function assertWords(words: InitOptions): void {
  const { name, origin } = commands.OpenLedger.shape;
  for (const [word, schema] of Object.entries({ name, origin })) {
    const checked = schema.safeParse(words[word as keyof InitOptions]);
    if (checked.success) continue;
    throw malformedStop(
      "MALFORMED",
      `--${word}: ${checked.error.issues[0]?.message ?? "cannot be"}.`,
      "Give another one; nothing was made.",
      { at: word },
    );
  }
}

function tell(context: Context, ledger: string, origin: string, answers: Said, signerOf: (part: Part) => Signer): void {
  const { style, terminal } = context;
  const people = localCast.map((part) => ({
    ...part,
    keyid: signerOf(part).keyid,
    keyFile: keyFile(context.keys, part.principal)?.file ?? "",
  }));
  const sealed = people.every((one) => one.keyFile.endsWith(".age"));
  const warning =
    "These keys are for trying out: whoever can read the folder can do everything together, and nothing is independent of anything. " +
    "In earnest each human keeps their own key elsewhere and sends its public half ('iu-ledger principal add NAME --public-key FILE …'), an agent's key lies in its own secret store, and none lies beside the ledger.";
  report(context, answers, {
    what: "Ledger opened",
    quiet: true,
    json: { ledger, origin, path: shownLedger(context.ledger), keys: context.keys, principals: people, warning },
    next: "iu-ledger document add FILE",
    lines: [
      ...pairs(
        [
          ["ledger", ledger],
          [ledgerFolder(context.ledger) === undefined ? "database" : "file", shownLedger(context.ledger)],
          [
            "keys",
            `${context.keys}  ${style.faint(`one file each, readable by you only, ${sealed ? "under your passphrase" : "without a passphrase"}`)}`,
          ],
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
      ...wrapped(
        asTyped(warning, styleOf(false), { ...context.typing, flags: "" }),
        Math.min(terminal.width ?? 100, 100) - 2,
      ).map((line) => style.open(`  ${line}`)),
      "",
    ],
  });
}
