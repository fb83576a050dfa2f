/** `report check`: a package, or its signed statement alone, checked offline. Reads the files it is given and nothing else: no ledger, no keys, no network. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { keyidOf } from "../../events/dsse.js";
import { type CheckedPackage, checkPackage } from "../../report/checkPackage.js";
import { statementFile } from "../../report/render/renderPackage.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { marks } from "../output/style.js";
import { counted, moment, visible } from "../output/text.js";
import { readPublicKey } from "../party/principal.js";
import { readInput } from "../readInput.js";

export interface CheckReportOptions {
  readonly key?: string;
  readonly publicKey?: string;
}

export async function checkReport(context: Context, given: string, options: CheckReportOptions): Promise<ExitCode> {
  const { key } = options;
  if (key !== undefined && !/^[0-9a-f]{16}$/.test(key)) {
    throw malformedStop(
      "KEYID_MALFORMED",
      `${key} is no key id.`,
      "Write its 16 lower-case hex digits, as 'iu-ledger principal list --json' shows them.",
      { given: key },
    );
  }
  const sent = options.publicKey === undefined ? undefined : await readPublicKey(context, options.publicKey);
  const whole = await isFolder(given);
  const folder = whole ? given : dirname(given);
  const file = whole ? join(given, statementFile) : given;
  const bytes = await readInput(context, file);
  const checked = checkPackage({
    file: basename(file),
    bytes,
    beside: given === "-" ? new Map() : await markdownIn(context, folder, whole),
    whole,
    pinned: {
      ...(key === undefined ? {} : { keyid: key }),
      ...(sent === undefined ? {} : { public: sent.public }),
    },
  });
  answer(context, jsonOf(checked), () => linesOf(checked, context));
  return checked.verdict === "PASS" ? 0 : 1;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // What is wrong with it is said when it is read.
    return false;
  }
}

/** The Markdown beside the statement. Of a statement alone, only what has a name of the package: others are none of its business. */
async function markdownIn(context: Context, folder: string, whole: boolean): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const names = (await readdir(folder).catch(() => [])).filter((name) =>
    (whole ? /\.(?:md|markdown)$/i : /^\d\d-.*\.md$/).test(name),
  );
  for (const name of names.sort()) found.set(name, await readInput(context, join(folder, name)));
  return found;
}

function jsonOf({ verdict, statement, digest, key, compared, documents, findings }: CheckedPackage): unknown {
  const predicate = statement?.predicate;
  return {
    verdict,
    reported: predicate?.verdict ?? null,
    run: predicate?.run.run ?? null,
    ledger:
      predicate === undefined
        ? null
        : {
            id: predicate.ledger.id,
            origin: predicate.ledger.origin,
            size: predicate.ledger.size,
            root: predicate.ledger.root,
          },
    asOf: predicate?.asOf ?? null,
    statement: digest,
    signer: predicate === undefined ? null : { principal: predicate.signer.principal, ...key },
    compared,
    documents,
    findings,
  };
}

function linesOf(checked: CheckedPackage, { style }: Context): string[] {
  const { verdict, statement, digest, key, compared, documents, findings } = checked;
  const good = verdict === "PASS";
  const head = good
    ? `${style.good(marks.good)} The report holds: nothing was changed since it was signed`
    : `${style.bad(marks.bad)} The report does not hold: ${counted(findings.length, "finding")}`;
  const wrong = findings.flatMap(({ file, code, what }) => [
    `  ${visible(file)}: ${visible(what)}`,
    `    ${style.faint(`code ${code}`)}`,
  ]);
  if (statement === null || key === null) return [head, ...wrong];
  const { predicate } = statement;
  return [
    head,
    ...wrong,
    ...pairs(
      [
        ["it says", `${predicate.verdict} of run ${predicate.run.run}`],
        [
          "ledger",
          `${visible(predicate.ledger.origin)}, ${counted(predicate.ledger.size, "event")}, root ${predicate.ledger.root}`,
        ],
        ["as of", moment(predicate.asOf)],
        [
          "signed by",
          `${predicate.signer.principal} with the key ${keyidOf(key.public)}${key.pinned ? (findings.some(({ code }) => code === "KEY_OTHER") ? "" : ", the one you gave") : ""}`,
        ],
        ["statement", digest],
        ["documents", `${compared} of ${documents} compared, byte for byte`],
      ],
      style,
    ),
    ...(key.pinned
      ? []
      : [
          "  The key is only the one inside: whoever made this could have made that key. Ask the signer for its id on",
          "  another way, and give it with --key; or compare size and root with a head that you kept.",
        ]),
  ];
}
