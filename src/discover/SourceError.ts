/** A source that cannot be read: which way, and what to do. The command line makes an exit code of `kind`. */

export class SourceError extends Error {
  readonly code: string;
  readonly next: string;
  /** Malformed: what was asked for cannot be meant. Refused: it is not done, by a rule. Cannot: the machine or the server does not let us. */
  readonly kind: "malformed" | "refused" | "cannot";
  readonly numbers: Readonly<Record<string, string | number>>;
  constructor(
    kind: SourceError["kind"],
    code: string,
    message: string,
    next: string,
    options: { readonly numbers?: Readonly<Record<string, string | number>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SourceError";
    this.kind = kind;
    this.code = code;
    this.next = next;
    this.numbers = options.numbers ?? {};
  }
}
