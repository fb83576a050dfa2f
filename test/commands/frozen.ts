/** A value nobody can change: whoever tries throws. For showing that what only reads, only reads. */

/** Freezes a plain value with everything in it, maps and sets too, and gives it back. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof Set) {
    for (const method of ["set", "add", "delete", "clear"]) {
      Object.defineProperty(value, method, {
        value: () => {
          throw new TypeError(`a decision must not ${method} in what it reads`);
        },
      });
    }
    for (const one of value instanceof Map ? value.values() : value) frozen(one);
  } else {
    for (const one of Object.values(value)) frozen(one);
  }
  return Object.freeze(value);
}
