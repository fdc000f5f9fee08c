import { expect, it } from "@jest/globals";
import type { MoveStep } from "../../src/cli/move-database.ts";
import { progressTo } from "../../src/cli/move-progress.ts";

const copying = (done: number): MoveStep => ({ name: "copying", table: "jobs", done, total: 9 });

/** What is told of steps, each at a time in milliseconds. */
function told(steps: readonly (readonly [number, MoveStep])[]): readonly string[] {
  const lines: string[] = [];
  let now = 0;
  const onStep = progressTo({ tell: (line) => lines.push(line) }, () => now);
  for (const [at, step] of steps) {
    now = at;
    onStep(step);
  }
  return lines;
}

it("tells every two seconds how far a move is, and then what it waits for", () => {
  const steps = [
    [500, { name: "listed" }],
    [1_000, copying(1)],
    [2_000, copying(2)],
    [3_999, copying(3)],
    [4_000, copying(4)],
    [4_100, { name: "copied" }],
    [4_200, { name: "committed" }],
    [9_000, { name: "deleted" }],
  ] as const;
  expect(told(steps)).toEqual([
    "… jobs: 2 of 9",
    "… jobs: 4 of 9",
    "… all copied; PostgreSQL checks and commits",
    "… committed; now the file is emptied",
  ]);
});

it("tells nothing of a move that is soon over", () => {
  expect(
    told([
      [0, { name: "listed" }],
      [900, copying(9)],
      [1_000, { name: "copied" }],
      [1_999, { name: "committed" }],
    ]),
  ).toEqual([]);
});
