export { memoryQueue } from "../queue/drivers/memory.ts";
export { memoryStore } from "../store/drivers/memory.ts";
export { controllableClock } from "./clock.ts";
export { type DeliverOptions, deliver, type TestRequest } from "./deliver.ts";
export { recordedDocuments } from "./recorded-documents.ts";
export * from "./sign-request.ts";
export type { ReceiverVector, RecordedAnswer, VectorExpectation } from "./vector.ts";
export { type VectorCase, vectorCases } from "./vector-suite.ts";
