// The test that docs/testing.md shows. Hookwright comes first because it loads the polyfill that tsyringe needs.
await import("hookwright");
await import("../../examples/orders.test.ts");
