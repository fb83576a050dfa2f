/** Many rows in one INSERT: several times faster than one by one, and the same SQL in every database. */

/** How many rows one statement takes, largest first: few different texts, so that each is prepared once. */
export const insertSizes = [64, 16, 4, 1] as const;

const texts = new Map<string, string>();

/**
 * `INSERT INTO <into> VALUES <tuple>, <tuple>, … <tail>`: the parameters `$1` … `$n` of the tuple are renumbered for each of the
 * `count` rows. Written by programmers only: values never get in here.
 */
export function insertStatement(into: string, tuple: string, count: number, tail = ""): string {
  const key = `${count} ${into} ${tuple} ${tail}`;
  let text = texts.get(key);
  if (text === undefined) {
    const width = Math.max(0, ...[...tuple.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
    const tuples = Array.from({ length: count }, (_, row) =>
      tuple.replace(/\$(\d+)/g, (_whole, number: string) => `$${row * width + Number(number)}`),
    );
    text = `INSERT INTO ${into} VALUES ${tuples.join(", ")} ${tail}`;
    texts.set(key, text);
  }
  return text;
}
