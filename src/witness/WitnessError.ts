/** What stops a witness: what it keeps cannot be trusted or used. It then says so and cosigns nothing of that log, whatever is asked. */

export type WitnessErrorCode =
  /** What is kept is not what this witness cosigned: changed, or of another key. */
  | "WITNESS_STATE_CORRUPT"
  /** What is kept is older than what was cosigned: restored from a backup, or gone. */
  | "WITNESS_STATE_ROLLED_BACK"
  /** The state or the marks cannot be read or written. */
  | "WITNESS_STATE_UNUSABLE"
  /** The clock is far behind the newest cosignature. */
  | "CLOCK_BEHIND";

export class WitnessError extends Error {
  readonly code: WitnessErrorCode;
  readonly next: string;
  readonly numbers: Readonly<Record<string, string | number>>;
  constructor(
    code: WitnessErrorCode,
    message: string,
    next: string,
    numbers: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "WitnessError";
    this.code = code;
    this.next = next;
    this.numbers = numbers;
  }
}
