/**
 * Work in lanes: what has the same name is done in order, one at a time; different lanes at once, up to a width. Stops beginning anything new
 * when told to, and waits for what was begun. Must never begin what stands behind something unfinished in its lane.
 */

export interface LanesOptions<T> {
  readonly laneOf: (item: T) => string;
  /** Lanes worked on at once, at most. */
  readonly width: number;
  /** Does one item; false: it is not finished, and its lane ends here. A rejection ends everything, after what was begun. */
  readonly work: (item: T) => Promise<boolean>;
  /** Asked before each item: whether nothing new is to be begun. */
  readonly stopped: () => boolean;
}

/** Works through the items; answers for each whether it is finished. */
export async function inLanes<T>(
  items: readonly T[],
  { laneOf, width, work, stopped }: LanesOptions<T>,
): Promise<readonly boolean[]> {
  const finished = items.map(() => false);
  const lanes = new Map<string, number[]>();
  for (const [index, item] of items.entries()) {
    const lane = laneOf(item);
    const there = lanes.get(lane);
    if (there === undefined) lanes.set(lane, [index]);
    else there.push(index);
  }
  const waiting = [...lanes.values()];
  const failures: unknown[] = [];
  const one = async () => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      for (const index of lane) {
        if (stopped() || failures.length > 0) return;
        try {
          if (!(await work(items[index] as T))) break;
          finished[index] = true;
        } catch (error) {
          failures.push(error);
          return;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, lanes.size) }, one));
  if (failures.length > 0) throw failures[0];
  return finished;
}
