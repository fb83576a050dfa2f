/** The content store's part of the contract: see `contract.ts`. */
import * as assert from "uvu/assert";
import type { Store } from "../../src/ledger/Store.js";
import { type It, throwsRange } from "./opened.js";
import { content } from "./samples.js";

export function contentContract(it: It): void {
  it("content: put once, got back exactly, put again harmlessly, erased with its salt", async ({ store, again }) => {
    const { commitment, content: article } = content("Điều 64. \r\n\u0000");
    const get = async (opened: Store) => {
      const got = await opened.content.get(commitment);
      return got === undefined ? undefined : [[...got.salt], [...got.bytes]];
    };
    assert.is(await get(store), undefined);
    assert.is(await store.content.erase(commitment), false);
    await store.content.put(commitment, article);
    await store.content.put(commitment, article);
    const other = again === undefined ? store : await again();
    for (const opened of [store, other]) assert.equal(await get(opened), [[...article.salt], [...article.bytes]]);
    assert.is(await store.content.erase(commitment), true);
    assert.is(await store.content.erase(commitment), false);
    for (const opened of [store, other]) assert.is(await get(opened), undefined);
    const { commitment: none, content: empty } = content("");
    await store.content.put(none, empty);
    assert.is((await store.content.get(none))?.bytes.length, 0);
  });

  it("content: a commitment to something else is refused and nothing is stored", async ({ store }) => {
    const { commitment } = content("this");
    await throwsRange(() => store.content.put(commitment, content("that").content));
    await throwsRange(() => store.content.put(commitment, content("this", 8).content));
    assert.is(await store.content.get(commitment), undefined);
  });
}
