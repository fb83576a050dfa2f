/** A lock within this process: work runs one at a time, in the order it was asked for. */

/** Gives a function that runs work once all work before it has settled. */
export function mutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = tail.then(work);
    tail = result.catch(() => undefined);
    return result;
  };
}
