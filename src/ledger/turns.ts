/**
 * Turns: who lost a race for a stream waits here for the other losers of this process, so that each decides on what the one
 * before it wrote instead of losing again.
 */
export interface Turns {
  /** Waits for the turn; answers the function that ends it. */
  enter(name: string): Promise<() => void>;
}

export function turns(): Turns {
  const tails = new Map<string, Promise<void>>();
  return {
    async enter(name) {
      const before = tails.get(name);
      let leave: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => {
        leave = resolve;
      });
      tails.set(name, mine);
      await before;
      return () => {
        if (tails.get(name) === mine) tails.delete(name);
        leave();
      };
    },
  };
}
