// Leaving a test out with a reason. The runner counts it and says it aloud at the end; it is never taken for a pass.
// Must not be used for a test that is merely broken or slow: only where something outside the project is absent.

const code = "TEST_SKIPPED";

/** Ends the running test as skipped. `reason` completes the sentence "skipped because …". */
export function skip(reason: string): never {
  throw Object.assign(new Error(`skipped: ${reason}`), { code, reason });
}

/** The reason, if `thrown` comes from `skip`; undefined for everything else that can be thrown. */
export function skipReason(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || thrown.code !== code) return undefined;
  return "reason" in thrown && typeof thrown.reason === "string" ? thrown.reason : undefined;
}
