/**
 * The export of a ledger: a folder that anyone can check offline, with SHA-256 and JSON and nothing of ours.
 *
 *     tile/entries/000, … .p/112   the leaves: C2SP tlog-tiles entry bundles, each leaf behind its length in two bytes, big-endian
 *     tile/0/…, tile/1/…           the hash tiles over them (RFC 6962), which give the root
 *     commands.ndjson              {"envelope","id","parts":[{"count","last","position"}]}: who signed what, in order of the first part
 *     content/<commitment>         32 bytes of salt, then the text: SHA-256("iu-ledger/content/v1" ‖ 0x00 ‖ this file) is its name
 *     contents.ndjson              {"commitment","length","position"}: every content that the ledger names, in order of the event that
 *                                  names it first; length null where it was not there (erased by authority, or lost)
 *     checkpoint                   a signed checkpoint (C2SP tlog-checkpoint) of this log at this size or before, if there is one
 *     manifest.json                this format, its version, and the SHA-256 of the files that neither their name nor the root covers
 *
 * Lines and the manifest are canonical JSON (RFC 8785), digests in lower-case hex, envelopes the signed DSSE bytes in base64. The same ledger at
 * the same size, with the same contents there, gives the same bytes. Example of the manifest, in one line:
 *
 *     {"commands":17,"contents":{"absent":0,"present":2},"files":{"commands.ndjson":"5f…","contents.ndjson":"c2…"},"format":"iu-ledger/export",
 *      "ledger":"0192…","origin":"ledger.example/acme","root":"ab…","size":61,"version":1}
 *
 * Future: what is only added leaves the version as it is; readers pass over files they do not know only where the manifest names them. Anything else
 * is version 2.
 */
import { z } from "zod";
import { canonicalBytes, isCanonical } from "../events/canonical.js";
import { count, digest, uuid } from "../events/fields.js";
import { parseStrictJson } from "../events/strictJson.js";
import { damagedExport, ExportError } from "./ExportError.js";

export const manifestPath = "manifest.json";
export const commandsPath = "commands.ndjson";
export const contentsPath = "contents.ndjson";
export const checkpointPath = "checkpoint";
export const contentPath = (commitment: string): string => `content/${commitment}`;

const format = "iu-ledger/export";
export const exportVersion = 1;

const manifest = z.strictObject({
  format: z.literal(format),
  version: z.literal(exportVersion),
  ledger: z.string().min(1),
  origin: z.string().min(1),
  size: z.int().min(1),
  /** RFC 6962 root over the first `size` leaves. */
  root: digest,
  commands: count,
  contents: z.strictObject({ present: count, absent: count }),
  /** Path → SHA-256 of the file. */
  files: z.record(z.string(), digest),
});
export type Manifest = z.infer<typeof manifest>;

/** A line of `commands.ndjson`. */
export const commandLine = z.strictObject({
  id: uuid,
  envelope: z.base64(),
  parts: z.array(z.strictObject({ position: count, count: z.int().min(1), last: z.boolean() })).min(1),
});
export type CommandLine = z.infer<typeof commandLine>;

/** A line of `contents.ndjson`. */
export const contentLine = z.strictObject({
  commitment: digest,
  /** Bytes of the text, without the salt; null: it was not there. */
  length: count.nullable(),
  /** The first event, or the first event of the command, that names it. */
  position: count,
});
export type ContentLine = z.infer<typeof contentLine>;

/** The bytes of a manifest. */
export function formatManifest(data: Omit<Manifest, "format" | "version">): Uint8Array {
  return canonicalBytes({ format, version: exportVersion, ...data });
}

/** The manifest of its bytes. Throws {@link ExportError}. */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value = jsonOf(bytes, manifestPath);
  const said = value as { format?: unknown; version?: unknown } | null;
  if (said?.format === format && typeof said.version === "number" && said.version > exportVersion) {
    throw new ExportError(
      "EXPORT_NEWER",
      `the export has version ${said.version} of its format; this program reads ${exportVersion}`,
      "Use the newer iu-ledger that wrote it.",
      { numbers: { version: said.version } },
    );
  }
  return parsed(manifest, value, manifestPath);
}

/** A line of one of the line files. Throws {@link ExportError} naming file and line. */
export function parseLine<T>(schema: z.ZodType<T>, line: Uint8Array, where: string): T {
  return parsed(schema, jsonOf(line, where), where);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const issue = outcome.error.issues[0];
  throw damagedExport(
    where,
    `is not of its format: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "wrong shape"}`,
  );
}

function jsonOf(bytes: Uint8Array, where: string): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  const outcome = parseStrictJson(text);
  if (!outcome.ok) throw damagedExport(where, `is not JSON: character ${outcome.at}: ${outcome.message}`);
  if (!isCanonical(text)) throw damagedExport(where, "is not canonical JSON");
  return outcome.value;
}
