import { memoryStore } from "../../../src/store/drivers/memory.ts";
import { describeStore } from "../conformance.ts";

describeStore("the memory store", { open: async (clock) => memoryStore({ clock }) });
