// Takes the suites of a test file out of uvu 0.5.6 before uvu can run them, because its own loop loses failures: it exits
// with 0 when a hook throws or a test throws a string, and cannot tell what `.only` hides.
// How: uvu queues `runner.bind(0, context, name)`. While the file loads, `bind` shows us that context. Nothing else changes,
// and `bind` is put back before any test runs. Must fail loudly, never guess, if a newer uvu queues something else.

export type Callback = (state: Record<string, unknown>) => unknown;
export type Named = { name: string; handler: Callback };

/** One `suite(…)` as it stood when its `.run()` was called; the field names are uvu's. */
export type Suite = {
  name: string;
  tests: Named[];
  only: Named[];
  before: Callback[];
  after: Callback[];
  bEach: Callback[];
  aEach: Callback[];
  /** How many `test.skip` it has; uvu keeps neither their names nor a reason. */
  skips: number;
  state: Record<string, unknown>;
};

/** Suites in the order of their `.run()`; `late` counts those whose `.run()` came after the file had loaded. */
export type Collected = { suites: Suite[]; late: number };

/** Calls `load` (which imports a test file) and gives the suites it registered. Throws what `load` throws. */
export async function collectSuites(load: () => Promise<unknown>): Promise<Collected> {
  const collected: Collected = { suites: [], late: 0 };
  const bindOfNode = Reflect.get(Function.prototype, "bind");
  let seen: Suite | undefined;
  let loading = true;
  setBind(function bind(this: unknown, ...args: unknown[]) {
    if (args[0] === 0 && isContext(args[1])) seen = { ...args[1], name: String(args[2]) };
    return Reflect.apply(bindOfNode, this, args);
  });
  const queue = {
    push() {
      if (!loading) {
        collected.late += 1;
        return;
      }
      if (seen === undefined)
        throw new Error("uvu queued a suite in a way that the runner does not know; see collectSuites.ts");
      collected.suites.push(seen);
      seen = undefined;
    },
  };
  Object.assign(globalThis, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [queue] });
  try {
    await load();
  } finally {
    loading = false;
    setBind(bindOfNode);
  }
  return collected;
}

function setBind(value: unknown): void {
  Object.defineProperty(Function.prototype, "bind", { value, configurable: true, writable: true, enumerable: false });
}

function isContext(value: unknown): value is Omit<Suite, "name"> {
  return (
    typeof value === "object" &&
    value !== null &&
    ["tests", "only", "before", "after", "bEach", "aEach"].every((key) => Array.isArray(Reflect.get(value, key))) &&
    typeof Reflect.get(value, "skips") === "number" &&
    typeof Reflect.get(value, "state") === "object"
  );
}
