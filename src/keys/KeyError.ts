/** What goes wrong with key files, said so that a person can mend it. Must never hold any of a key or of a passphrase. */

/** A key file that cannot be used: which, why, and what to do. */
export class KeyError extends Error {
  readonly code:
    | "KEY_MISSING"
    | "KEY_UNREADABLE"
    | "KEY_EXPOSED"
    | "KEY_EXISTS"
    | "KEY_LOCKED"
    | "KEYS_UNUSABLE"
    | "PASSPHRASE_WRONG";
  readonly next: string;
  constructor(code: KeyError["code"], message: string, next: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = "KeyError";
    this.code = code;
    this.next = next;
  }
}

/** Does it with the folder or file; what the system does not let us is a {@link KeyError}. */
export function usable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** What the system said, as a {@link KeyError}; anything else as it is. */
export function unusable(path: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  // A folder where a key file should be is a bad key file, and faults of OpenSSL (ERR_OSSL_…) are told by whoever reads the key.
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code) || code === "EISDIR") return cause;
  const why = {
    EACCES: "this user may not",
    EPERM: "this user may not",
    ENOTDIR: "it is no folder",
    ENOSPC: "the disk is full",
    EROFS: "it can only be read",
  }[code];
  return new KeyError(
    "KEYS_UNUSABLE",
    `The keys in ${path} cannot be used: ${why === undefined ? "" : `${why} `}(${code}).`,
    "Give this user access to it, or name another folder with --keys.",
    { cause },
  );
}
