/** Positions to tell an auditor of: all are counted, the first few are named. */
export interface Places {
  readonly count: number;
  add(position: number): void;
  /** `1 event at position 7`, `12 events at positions 7, 9, …`. */
  said(one: string, several: string): string;
}

const namedMax = 5;

export function places(): Places {
  const first: number[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(position) {
      if (count++ < namedMax) first.push(position);
    },
    said(one, several) {
      if (count === 1) return `1 ${one} at position ${first[0]}`;
      return `${count} ${several} at positions ${first.join(", ")}${count > first.length ? ", …" : ""}`;
    },
  };
}
