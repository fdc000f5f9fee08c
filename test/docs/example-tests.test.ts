// The test that docs/testing.md shows: examples are no tests of the repository's own accord.
await import("../../examples/orders.test.ts");
