/**
 * One question to a witness over HTTP (C2SP tlog-witness v1.0.0). What comes back is bytes to be judged: bounded in size and time, from the address
 * that was named and no other. Must never follow a redirect.
 */

/** What a witness answered; `body` at most {@link answerSizeMax} bytes. */
export interface WitnessAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

/** Nothing to judge came back: why, in one sentence without a full stop. */
export interface NoAnswer {
  readonly status: null;
  readonly why: string;
}

export type AskWitness = (prefix: string, body: Uint8Array) => Promise<WitnessAnswer | NoAnswer>;

/** Far more than the cosignatures of any witness. */
export const answerSizeMax = 64 * 1024;

/** Asks over HTTP. `timeoutMs` is for all of one question, from connecting to the last byte. */
export function askOverHttp({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): AskWitness {
  return async (prefix, body) => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${prefix.replace(/\/+$/, "")}/add-checkpoint`, {
        method: "POST",
        body,
        headers: { "content-type": "text/plain; charset=utf-8" },
        redirect: "manual",
        signal: AbortSignal.any([late, signal]),
      });
      const bytes = await readUpTo(response, answerSizeMax);
      if (bytes === null) return { status: null, why: `its answer has more than ${answerSizeMax} bytes` };
      return { status: response.status, type: response.headers.get("content-type") ?? "", body: bytes };
    } catch (error) {
      if (signal.aborted) return { status: null, why: "it was not waited for" };
      if (late.aborted) return { status: null, why: `no answer within ${timeoutMs} ms` };
      return { status: null, why: `it cannot be reached: ${reasonOf(error)}` };
    }
  };
}

async function readUpTo(response: Response, sizeMax: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > sizeMax) return null;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/** The code of the system beneath, such as ECONNREFUSED, where there is one. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
}
