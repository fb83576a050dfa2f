/**
 * The contents that a part of a ledger names, copied beside it: what is there and is what was committed to. What was erased stays erased, also
 * where an earlier sitting had brought it over; what is missing is counted, never made up.
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
  /** Erased under a redaction that is on the ledger. */
  readonly erased: number;
  /** Not there, and no redaction says why. */
  readonly missing: number;
  /** There, and not what was committed to: left behind. */
  readonly damaged: number;
  /** The first of those that are missing or damaged. */
  readonly findings: readonly {
    readonly position: number;
    readonly content: string;
    readonly what: "missing" | "damaged";
  }[];
}

const findingsMax = 100;

export interface ContentCopier {
  /** Copies what the part names; to be called before its events are appended, so that a copy never names what could have come and did not. */
  copy(part: StoredPart): Promise<void>;
  counts(): CopiedContents;
}

export function contentCopier(from: Pick<Store, "content" | "readStream">, to: Pick<Store, "content">): ContentCopier {
  // There are far fewer contents than events, and each has its bytes beside it: their names fit in memory.
  const seen = new Set<string>();
  const counts = { present: 0, erased: 0, missing: 0, damaged: 0 };
  const findings: CopiedContents["findings"][number][] = [];

  async function one(content: string, position: number): Promise<void> {
    if ((await from.readStream(streamName("content", content), 0, 1)).length > 0) {
      counts.erased++;
      await to.content.erase(content);
      return;
    }
    const stored = await from.content.get(content);
    const what = stored === undefined ? "missing" : isWhole(content, stored) ? "present" : "damaged";
    counts[what]++;
    if (what === "present" && stored !== undefined) await to.content.put(content, stored);
    else if (what !== "present" && findings.length < findingsMax) findings.push({ position, content, what });
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
