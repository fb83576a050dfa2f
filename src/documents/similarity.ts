/**
 * How alike two texts are, in whole permille and in linear time: the Dice coefficient over pairs of neighbouring words. Words are
 * compared exactly; no locale, no floats, no randomness. It only ever feeds proposals: identity is approved, never guessed.
 */

/** The word pairs of a text with their counts, and how many there are. */
export interface Shingles {
  counts: Map<string, number>;
  size: number;
}

/** Shingles of a norm text (single spaces). A text of one word is its own shingle. */
export function shinglesOf(text: string): Shingles {
  const words = text === "" ? [] : text.split(" ");
  const counts = new Map<string, number>();
  let size = 0;
  for (let at = 0; at < Math.max(1, words.length - 1) && at < words.length; at++) {
    const pair = at + 1 < words.length ? `${words[at]} ${words[at + 1]}` : (words[at] ?? "");
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
    size++;
  }
  return { counts, size };
}

/** How many shingles two texts share, counted with repetitions. */
export function shared(a: Shingles, b: Shingles): number {
  const [small, large] = a.counts.size <= b.counts.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [pair, count] of small.counts) sum += Math.min(count, large.counts.get(pair) ?? 0);
  return sum;
}

/** 0 (nothing in common) to 1000 (the same shingles). */
export function similarity(a: Shingles, b: Shingles): number {
  return a.size + b.size === 0 ? 0 : Math.floor((2000 * shared(a, b)) / (a.size + b.size));
}

/** How much of `part` is found in `whole`, 0 to 1000. */
export function containment(part: Shingles, whole: Shingles): number {
  return part.size === 0 ? 0 : Math.floor((1000 * shared(part, whole)) / part.size);
}

/**
 * For each text of `queries`, up to `best` texts of `texts` that share its rarer shingles, best first. A shingle that stands in more
 * than FREQUENT_MAX texts selects nothing, which keeps the whole linear in the size of the texts.
 */
export function candidatesFor(queries: readonly Shingles[], texts: readonly Shingles[], best: number): number[][] {
  const index = new Map<string, number[]>();
  for (const [place, { counts }] of texts.entries()) {
    for (const pair of counts.keys()) {
      const places = index.get(pair);
      if (!places) index.set(pair, [place]);
      else if (places.length <= FREQUENT_MAX) places.push(place);
    }
  }
  return queries.map(({ counts }) => {
    const votes = new Map<number, number>();
    for (const pair of counts.keys()) {
      const places = index.get(pair);
      if (!places || places.length > FREQUENT_MAX) continue;
      for (const place of places) votes.set(place, (votes.get(place) ?? 0) + 1);
    }
    return [...votes]
      .sort(([a, x], [b, y]) => y - x || a - b)
      .slice(0, best)
      .map(([place]) => place);
  });
}

const FREQUENT_MAX = 32;
