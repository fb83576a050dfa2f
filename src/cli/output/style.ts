/** How things look: a few named styles over picocolors. With colour off every one gives its text back, so meaning never hangs on colour. */
import picocolors from "picocolors";

export type Paint = (text: string) => string;

export interface Style {
  readonly strong: Paint;
  /** What may be overlooked: ids, units of measure, hints. */
  readonly faint: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  /** Needs somebody: waits, partial, a finding. */
  readonly open: Paint;
  /** Something to type. */
  readonly command: Paint;
  readonly removed: Paint;
  readonly added: Paint;
}

const plain: Paint = (text) => text;

const without: Style = {
  strong: plain,
  faint: plain,
  good: plain,
  bad: plain,
  open: plain,
  command: plain,
  removed: plain,
  added: plain,
};

/** The styles, with or without colour. */
export function styleOf(colour: boolean): Style {
  if (!colour) return without;
  const paint = picocolors.createColors(true);
  return {
    strong: paint.bold,
    faint: paint.dim,
    good: paint.green,
    bad: paint.red,
    open: paint.yellow,
    command: paint.cyan,
    removed: (text) => paint.strikethrough(paint.red(text)),
    added: (text) => paint.underline(paint.green(text)),
  };
}

/** The marks in front of a line: done, not done, waits. */
export const marks = { good: "✓", bad: "✗", open: "○", partial: "◐", point: "·", arrow: "→" } as const;
