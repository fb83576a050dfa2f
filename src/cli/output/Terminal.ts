/**
 * Where the command line speaks and listens: the product on stdout, everything else on stderr, answers from stdin. An interface, so that
 * tests run commands in their own process. A command must never write to `process.stdout` itself: a closed pipe ends there.
 */
export interface Terminal {
  /** Whether stdout takes colour: a terminal, and nobody said no. */
  readonly colour: boolean;
  /** Columns of stdout, when it is a terminal; undefined where lines may be as long as they are (a file, a pipe). */
  readonly width: number | undefined;
  /** Whether stderr is a terminal: a progress bar can be redrawn there. */
  readonly live: boolean;
  /** Whether somebody is there to answer: stdin and stderr are terminals. */
  readonly interactive: boolean;
  /** Whether whoever read stdout has gone (`| head`): what is written now nobody will see. */
  readonly closed: boolean;
  /** Writes lines to stdout; adds the final newline. */
  out(text: string): void;
  /** Writes bytes to stdout as they are. */
  outBytes(bytes: Uint8Array): void;
  /** Writes lines to stderr; adds the final newline. Clears a progress line that stands there. */
  note(text: string): void;
  /** Replaces the line that stands on stderr; empty: removes it. Does nothing unless `live`. */
  redraw(line: string): void;
  /** Asks on stderr and gives the line that was typed, without white space around it; undefined at the end of input. */
  ask(question: string): Promise<string | undefined>;
  /** As `ask`, and what is typed is not shown, nor trimmed. */
  askSecret(question: string): Promise<string | undefined>;
  /** All of stdin; where it has more than `sizeMax` bytes: the beginning, longer than `sizeMax`, and the rest is not read. */
  input(sizeMax: number): Promise<Uint8Array>;
  /** Settles when what was written has gone out, or nobody reads it any more. Throws a Stop, once, where it could not be written (a full disk). */
  flush(): Promise<void>;
}
