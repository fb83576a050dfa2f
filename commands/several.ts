/** A count with its noun, for the sentences of decisions: "1 finding", "3 findings". Must say the same on every machine: it is recorded. */
export function several(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
