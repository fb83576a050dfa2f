/** Measuring: rates in rounds, medians, ratios, and a table of them. What is compared is measured in turn, in the same round. */

/** A row of the table: what was done, the limit beside it, and what one rate is of the other. */
export interface Measured {
  readonly work: string;
  /** Things a second, of the limit and of ours; the limit may be another row's. */
  readonly limit: number;
  readonly ours: number;
  /** What DESIGN asks the ratio to be, where it asks. */
  readonly target?: number;
  /** Things a second of others beside ours, by name. */
  readonly peers?: Readonly<Record<string, number>>;
}

/** One side of a comparison: does `count` things, and answers how many it did. */
export type Side = () => Promise<number>;

/** Things a second, timed around one call. */
export async function rateOf(side: Side): Promise<number> {
  const start = performance.now();
  const count = await side();
  return (count * 1000) / (performance.now() - start);
}

/** A row of the table from the rates of `limit`, `ours` and whoever else. */
export function measuredOf(work: string, rates: Readonly<Record<string, number>>, target?: number): Measured {
  const { limit = Number.NaN, ours = Number.NaN, ...peers } = rates;
  return { work, limit, ours, peers, ...(target === undefined ? {} : { target }) };
}

/** The median rates of two sides, measured in turn so that both meet the same machine. */
export async function compare(
  work: string,
  limit: Side,
  ours: Side,
  options: { rounds: number; target?: number },
): Promise<Measured> {
  const rates = await ratesOf(options.rounds, () => ({ limit: () => rateOf(limit), ours: () => rateOf(ours) }));
  const { target } = options;
  return measuredOf(work, rates, target);
}

/**
 * The median rates of several, measured in turn in each round. They are made anew for each round, before any clock starts: events are the
 * caller's work. The first round only warms up.
 */
export async function ratesOf(
  rounds: number,
  made: () => Readonly<Record<string, () => Promise<number>>>,
): Promise<Record<string, number>> {
  const rates: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries(made())) {
      const rate = await measure();
      if (round > 0) rates[name] = [...(rates[name] ?? []), rate];
    }
  }
  return Object.fromEntries(Object.entries(rates).map(([name, list]) => [name, median(list)]));
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The number below which a share of them lies (0.99: all but one in a hundred). */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Lines of a table: the first column to the left, the others to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("   ");
  return [line(header), widths.map((width) => "-".repeat(width)).join("   "), ...rows.map(line)];
}

/** Ratios of ours to the limit, and to each of the others. */
export function measuredTable(title: string, limit: string, measured: readonly Measured[]): string[] {
  const peers = [...new Set(measured.flatMap((one) => Object.keys(one.peers ?? {})))];
  const rows = measured.map((one) => [
    one.work,
    `${(one.ours / one.limit).toFixed(2)} ×`,
    one.target === undefined ? "" : `≥ ${one.target} ×`,
    perSecond(one.ours),
    perSecond(one.limit),
    ...peers.map((name) => {
      const rate = one.peers?.[name];
      return rate === undefined ? "" : `${perSecond(rate)} (ours ${(one.ours / rate).toFixed(1)} ×)`;
    }),
  ]);
  return table([title, "ratio", "aim", "iu-ledger", limit, ...peers], rows);
}

export function perSecond(rate: number): string {
  return `${grouped(rate)}/s`;
}

/** 12345.6 as 12,346. */
export function grouped(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}
