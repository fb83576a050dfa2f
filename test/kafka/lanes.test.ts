// Lanes: order within, freedom between, and nothing begun behind something unfinished.
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inLanes } from "../../src/kafka/lanes.js";

const lanes = suite("kafka lanes");

lanes("whatever the items: in order in a lane, at most so many at once, nothing behind what is not finished", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ lane: fc.constantFrom("a", "b", "c", "d"), fails: fc.boolean(), ms: fc.nat(3) }), {
        maxLength: 40,
      }),
      fc.integer({ min: 1, max: 5 }),
      async (items, width) => {
        const began: number[] = [];
        const busy = new Set<string>();
        let most = 0;
        const finished = await inLanes([...items.keys()], {
          laneOf: (index) => items[index]!.lane,
          width,
          stopped: () => false,
          async work(index) {
            const { lane, ms, fails } = items[index]!;
            assert.not.ok(busy.has(lane), "one at a time in a lane");
            busy.add(lane);
            most = Math.max(most, busy.size);
            began.push(index);
            await new Promise((resolve) => setTimeout(resolve, ms));
            busy.delete(lane);
            return !fails;
          },
        });
        assert.ok(most <= width);
        for (const [index, { lane, fails }] of items.entries()) {
          const before = items.some((one, other) => other < index && one.lane === lane && one.fails);
          assert.is(began.includes(index), !before);
          assert.is(finished[index], !before && !fails);
        }
      },
    ),
    { numRuns: 60 },
  ),
);

lanes("told to stop, nothing new is begun, and what was begun is waited for", async () => {
  let stop = false;
  let done = 0;
  const finished = await inLanes([1, 2, 3, 4, 5, 6], {
    laneOf: String,
    width: 2,
    stopped: () => stop,
    async work() {
      stop = true;
      await new Promise((resolve) => setTimeout(resolve, 5));
      done += 1;
      return true;
    },
  });
  assert.ok(done <= 2 && finished.filter(Boolean).length === done);
});

lanes("a rejection ends it, after what was begun", async () => {
  let ended = 0;
  const error = await inLanes(["a", "b", "c"], {
    laneOf: (lane) => lane,
    width: 2,
    stopped: () => false,
    async work(lane) {
      if (lane === "a") throw new Error("broken");
      await new Promise((resolve) => setTimeout(resolve, 10));
      ended += 1;
      return true;
    },
  }).catch((thrown: unknown) => thrown);
  assert.match(String(error), "broken");
  assert.is(ended, 1);
});

lanes.run();
