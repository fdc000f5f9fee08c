import { describe, expect, it } from "@jest/globals";
import { vectorCases } from "../../src/testing/vector-suite.ts";
import { loadCatalogue } from "./catalogue.ts";

const catalogue = await loadCatalogue();

describe("the catalogue", () => {
  it.each(catalogue)("has a receiver named $slug, in a file of that name", ({ slug, receiver }) => {
    expect(receiver).toMatchObject({ name: slug });
  });

  it.each(catalogue)("describes $slug for the people who set it up", ({ receiver }) => {
    const text = expect.stringMatching(/^\S.*\S$/s);
    expect(receiver).toMatchObject({ title: text, docs: expect.stringMatching(/^https:\/\//), category: text, setup: text });
    expect(receiver).toMatchObject({ secretName: text, eventNames: text, confirmed: expect.anything() });
  });

  it.each(catalogue)("has vectors of $slug that say where they come from", ({ vectors }) => {
    expect(vectors.length).toBeGreaterThan(0);
    for (const vector of vectors) {
      expect(vector.date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(["documented", "library", "computed"]).toContain(vector.origin);
      expect(vector.source).toMatch(/^https:\/\/|^@?[a-z0-9/-]+@\d/);
    }
  });
});

describe.each(catalogue)("$slug", ({ receiver, vectors }) => {
  describe.each(vectors)("$name", (vector) => {
    for (const { name, run } of vectorCases(receiver, vector)) it(name, run);
  });
});
