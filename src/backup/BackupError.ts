/** What is wrong with a backup, or keeps one from being made or opened. Must never hold any of an identity. */

export class BackupError extends Error {
  readonly code: /** The machine or the caller: nothing is said about the backup. */
    | "BACKUP_EXISTS"
    | "BACKUP_UNREADABLE"
    | "BACKUP_UNWRITABLE"
    | "IDENTITY_UNUSABLE"
    | "RECIPIENTS_NOT_PINNED"
    /** The backup: it is no evidence. */
    | "BACKUP_NOT_OPENED"
    | "BACKUP_DAMAGED"
    | "BACKUP_OTHER_LEDGER"
    | "BACKUP_AHEAD"
    | "BACKUP_BEHIND"
    | "BACKUP_FORKED"
    | "BACKUP_INCOMPLETE"
    | "BACKUP_UNSOUND";
  readonly next: string;
  readonly numbers: Readonly<Record<string, string | number | null>>;
  constructor(
    code: BackupError["code"],
    message: string,
    next: string,
    options: { numbers?: Readonly<Record<string, string | number | null>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "BackupError";
    this.code = code;
    this.next = next;
    this.numbers = options.numbers ?? {};
  }
}
