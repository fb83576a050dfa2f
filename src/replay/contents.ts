/** Content as replay finds it: there and what was committed to, there and something else, or not there. The newest few are kept, by bytes. */
import { commitContent } from "../events/commitment.js";
import type { Content, Store } from "../ledger/Store.js";
import { isCorrupt } from "./readLeaves.js";

export type Found =
  | { readonly kind: "present"; readonly content: Content }
  | { readonly kind: "missing" }
  | { readonly kind: "changed"; readonly message: string };

export interface Contents {
  find(commitment: string): Promise<Found>;
  /** The content, or undefined where it is missing or is not what was committed to. */
  get(commitment: string): Promise<Content | undefined>;
}

/** Keeps up to `bytesMax` bytes of content, and the newest one whatever its size. */
export function contents(store: Pick<Store, "content">, bytesMax = 32 * 1024 * 1024): Contents {
  const kept = new Map<string, Found>();
  let bytes = 0;

  async function find(commitment: string): Promise<Found> {
    const known = kept.get(commitment);
    if (known !== undefined) {
      kept.delete(commitment);
      kept.set(commitment, known);
      return known;
    }
    const found = await look(commitment);
    kept.set(commitment, found);
    bytes += sizeOf(found);
    for (const [oldest, one] of kept) {
      if ((bytes <= bytesMax && kept.size <= 10_000) || oldest === commitment) break;
      kept.delete(oldest);
      bytes -= sizeOf(one);
    }
    return found;
  }

  async function look(commitment: string): Promise<Found> {
    try {
      return judge(commitment, await store.content.get(commitment));
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      return { kind: "changed", message: error.message };
    }
  }

  return {
    find,
    async get(commitment) {
      const found = await find(commitment);
      return found.kind === "present" ? found.content : undefined;
    },
  };
}

function judge(commitment: string, content: Content | undefined): Found {
  if (content === undefined) return { kind: "missing" };
  let actual: string;
  try {
    actual = commitContent(content.salt, content.bytes);
  } catch (error) {
    return { kind: "changed", message: error instanceof Error ? error.message : String(error) };
  }
  if (actual === commitment) return { kind: "present", content };
  return { kind: "changed", message: `they commit to ${actual}` };
}

function sizeOf(found: Found): number {
  return found.kind === "present" ? found.content.bytes.length : 0;
}
