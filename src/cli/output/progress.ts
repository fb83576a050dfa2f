/** A progress bar on stderr, only where somebody watches. What is counted is said in words, so that the bar is never the only news. */
import { styleOf } from "./style.js";
import type { Terminal } from "./Terminal.js";
import { grouped, pad, shorten } from "./text.js";

export interface Progress {
  /** How far it is. `total` undefined: nobody knows; then it counts only. Cheap: draws at most every tenth of a second. */
  update(done: number, total?: number): void;
  /** Removes the bar. Always call it, in `finally`. */
  end(): void;
}

const barWidth = 24;
const drawEveryMs = 100;

/** A bar such as `cutting  ████████░░░░░░░░  5,000 of 10,000 units · 4 s left`. Nothing is drawn on what takes no time. */
export function progress(terminal: Terminal, label: string, noun: string): Progress {
  if (!terminal.live) return { update: () => undefined, end: () => undefined };
  const style = styleOf(terminal.colour);
  const started = performance.now();
  let drawn = started;
  let first: number | undefined;
  return {
    update(done, total) {
      first ??= done;
      const now = performance.now();
      if (now - drawn < drawEveryMs) return;
      drawn = now;
      if (total === undefined || total === 0) {
        terminal.redraw(`${label}  ${grouped(done)} ${noun}`);
        return;
      }
      const part = Math.min(1, done / total);
      const full = Math.round(part * barWidth);
      const bar = style.good("█".repeat(full)) + style.faint("░".repeat(barWidth - full));
      // By the pace of this sitting: what an earlier one did took no time now.
      const here = done - first;
      const seconds = here > total / 20 ? Math.ceil(((now - started) / 1000) * ((total - done) / here)) : null;
      const count = `${pad(grouped(done), grouped(total).length, "right")} of ${grouped(total)} ${noun}`;
      const left = seconds === null ? "" : ` · ${duration(seconds)} left`;
      terminal.redraw(
        `${label}  ${bar}  ${shorten(count + left, Math.max(20, (terminal.width ?? 80) - label.length - barWidth - 5))}`,
      );
    },
    end: () => terminal.redraw(""),
  };
}

/** Seconds as `12 s`, `3 min 5 s`, `2 h 1 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
