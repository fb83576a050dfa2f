// The reference keeps the contract.
import { memoryStore } from "../../src/store/memoryStore.js";
import { storeContract } from "./contract.js";

storeContract("memory", (use) => use({ store: memoryStore() })).run();
