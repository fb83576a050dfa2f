/** From words of the command line to values: numbers, durations, instants. What cannot be meant is refused, never bent. */
import { InvalidArgumentError } from "commander";

/** A whole number from 0. */
export function wholeNumber(word: string): number {
  const value = Number(word);
  if (!/^\d+$/.test(word) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  return value;
}

/** Collects an option that may be given several times. */
export function several(word: string, before: readonly string[] = []): string[] {
  return [...before, word];
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration like `90s`, `30m`, `2h`, `1d`, in milliseconds. */
export function durationMs(word: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(word) ?? [];
  if (count === undefined || unit === undefined) throw new InvalidArgumentError("It must be like 90s, 30m, 2h or 1d.");
  return Number(count) * (units[unit] ?? 0);
}

/** An instant like 2026-01-05T09:30:00Z, in the ledger's own form. */
export function instantOf(word: string): string {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(word) ? Date.parse(word) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError("It must be like 2026-01-05T09:30:00Z.");
  return new Date(time).toISOString();
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
