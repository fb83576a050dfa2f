/**
 * The contents that a part of a ledger names, copied beside it: what is there and is what was committed to. What was erased is not brought
 * over; where the target still has it, it is said and left: whether an erasing had authority is not known here. What is missing is counted,
 * never made up. Must never erase anything.
 */
import { commitContent } from "../events/commitment.js";
import { contentsNamed } from "../events/contentsNamed.js";
import { openEnvelope } from "../events/dsse.js";
import { streamName } from "../events/streams.js";
import type { Store } from "../ledger/Store.js";
import type { StoredPart } from "./storedParts.js";

/** Contents by what became of them, each counted once. */
export interface CopiedContents {
  /** In the copy: brought over now, or in an earlier sitting. */
  readonly present: number;
  /** Redacted, as the source says, and not in the copy. */
  readonly erased: number;
  /** Redacted, as the source says, and still in the copy, from an earlier sitting say: for an operator to erase, once replay has passed. */
  readonly left: number;
  /** Not there, and no redaction says why. */
  readonly missing: number;
  /** There, and not what was committed to: left behind. */
  readonly damaged: number;
  /** The first of those that are missing, damaged or left. */
  readonly findings: readonly {
    readonly position: number;
    readonly content: string;
    readonly what: "missing" | "damaged" | "left";
  }[];
}

const findingsMax = 100;

export interface ContentCopier {
  /** Copies what the part names; to be called before its events are appended, so that a copy never names what could have come and did not. */
  copy(part: StoredPart): Promise<void>;
  counts(): CopiedContents;
}

export function contentCopier(
  from: Pick<Store, "content" | "readStream">,
  to: { readonly content: Pick<Store["content"], "get" | "put"> },
): ContentCopier {
  // There are far fewer contents than events, and each has its bytes beside it: their names fit in memory.
  const seen = new Set<string>();
  const counts = { present: 0, erased: 0, left: 0, missing: 0, damaged: 0 };
  const findings: CopiedContents["findings"][number][] = [];

  async function one(content: string, position: number): Promise<void> {
    if ((await from.readStream(streamName("content", content), 0, 1)).length > 0) {
      if ((await to.content.get(content)) === undefined) counts.erased++;
      else found("left", position, content);
      return;
    }
    const stored = await from.content.get(content);
    if (stored === undefined) return found("missing", position, content);
    if (!isWhole(content, stored)) return found("damaged", position, content);
    counts.present++;
    await to.content.put(content, stored);
  }

  function found(what: "missing" | "damaged" | "left", position: number, content: string): void {
    counts[what]++;
    if (findings.length < findingsMax) findings.push({ position, content, what });
  }

  return {
    async copy(part) {
      for (const content of namedBy(part)) {
        if (seen.has(content)) continue;
        seen.add(content);
        await one(content, part.position);
      }
    },
    counts: () => ({ ...counts, findings }),
  };
}

/** What the part's events name, and what its command did: a refused command is decided again with the content it named. */
function namedBy({ events, envelope }: StoredPart): string[] {
  const said = events.flatMap(({ bytes }) => contentsNamed(parsed(bytes)));
  if (envelope.length === 0) return said;
  const opened = openEnvelope(envelope);
  return opened.ok ? [...contentsNamed(parsed(opened.payload)), ...said] : said;
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
}

function isWhole(commitment: string, { salt, bytes }: { salt: Uint8Array; bytes: Uint8Array }): boolean {
  return salt.length === 32 && commitContent(salt, bytes) === commitment;
}
