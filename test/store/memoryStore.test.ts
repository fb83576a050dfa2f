// The reference keeps the contract.
import { suite } from "uvu";
import { memoryStore } from "../../src/store/memoryStore.js";
import { storeContract } from "./contract.js";

const test = suite("store contract: memory");
storeContract(test, (use) => use({ store: memoryStore() }));
test.run();
