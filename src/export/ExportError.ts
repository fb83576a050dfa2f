/** What is wrong with an export or a backup, or what keeps one from being made: an error of the coded kind, with the numbers and the next step. */

export class ExportError extends Error {
  readonly code:
    | "EXPORT_EXISTS"
    | "EXPORT_MISSING"
    | "EXPORT_DAMAGED"
    | "EXPORT_NEWER"
    | "EXPORT_UNWRITABLE"
    | "CONTENT_CHANGED"
    | "TARGET_NOT_EMPTY"
    | "TARGET_DIFFERS";
  readonly next: string;
  readonly numbers: Readonly<Record<string, string | number | null>>;
  constructor(
    code: ExportError["code"],
    message: string,
    next: string,
    options: { numbers?: Readonly<Record<string, string | number | null>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ExportError";
    this.code = code;
    this.next = next;
    this.numbers = options.numbers ?? {};
  }
}

/** An export that is not what it says: where, and what is there instead. */
export function damagedExport(path: string, what: string, cause?: unknown): ExportError {
  return new ExportError("EXPORT_DAMAGED", `${path} ${what}`, "Use another copy of the export, or make it anew.", {
    numbers: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
