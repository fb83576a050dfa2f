/** Chance that is the same for everybody: a seeded generator (sfc32, public domain, after Chris Doty-Humphrey). The only chance there is in a simulation. */

export interface Random {
  /** A whole number in [0, below). */
  int(below: number): number;
  /** True in so many of a hundred cases. */
  percent(of: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function seeded(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9 ^ seed, 0x243f6a88, 0xb7e15162 + seed, 1];
  function next(): number {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  }
  for (let i = 0; i < 15; i++) next();
  const int = (below: number) => Math.floor((next() / 2 ** 32) * below);
  return {
    int,
    percent: (of) => int(10_000) < of * 100,
    pick: (from) => {
      if (from.length === 0) throw new Error("nothing to pick from");
      return from[int(from.length)] as (typeof from)[number];
    },
  };
}
