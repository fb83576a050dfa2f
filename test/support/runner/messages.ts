// What the process that runs one test file tells the process that runs them all. Plain values only: they cross a pipe.

/** What was thrown, made readable: whatever it was, also a string or null. */
export type Thrown = { message: string; details?: string; stack?: string };

/** How one test ended. */
export type Ending =
  | { outcome: "passed" }
  | { outcome: "skipped"; reason: string }
  | { outcome: "failed"; thrown: Thrown };

/** In this order: `registered` once, then `began` and `ended` for each test, `problem` at any time, `done` once, last. */
export type Message =
  | { type: "registered"; tests: number }
  | { type: "began"; suite: string; test: string }
  | { type: "ended"; suite: string; test: string; ending: Ending }
  | { type: "problem"; suite: string; thrown: Thrown }
  | { type: "done" };
