import { expect, it } from "@jest/globals";
import { ApplicationError } from "../../src/errors.ts";
import { groupedIn } from "../../src/store/sql/grouped.ts";

/** Groups whose run fails with a code of PostgreSQL wherever the condition holds. */
function grouped(code: string, isFailing: (items: readonly string[]) => boolean) {
  const sizes: number[] = [];
  const run = async (items: readonly string[]) => {
    sizes.push(items.length);
    const cause = Object.assign(new Error(code), { code });
    if (isFailing(items)) throw new ApplicationError("store_unavailable", undefined, { cause });
    return items;
  };
  return { run: groupedIn({ isConcurrent: true }, { run }), sizes };
}

it.each([
  ["a deadlock", "40P01"],
  ["a serialization failure", "40001"],
  ["a refusal", "23505"],
])("calls of a group run one by one after %s", async (_, code) => {
  const { run, sizes } = grouped(code, (items) => items.length > 1);
  expect(await Promise.all([run("a"), run("b")])).toEqual(["a", "b"]);
  expect(sizes).toEqual([2, 1, 1]);
});

it("calls of a group fail together where the connection broke: the transaction may have been committed", async () => {
  const { run, sizes } = grouped("ECONNRESET", () => true);
  const results = await Promise.allSettled([run("a"), run("b")]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(sizes).toEqual([2]);
});
