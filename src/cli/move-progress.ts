import type { Output } from "./main-command.ts";
import type { MoveStep } from "./move-database.ts";

const pauseMs = 2_000;

/** Tells how far a move is, now and then; of one that is soon over nothing. */
export function progressTo(output: Pick<Output, "tell">, now = () => performance.now()): (step: MoveStep) => void {
  const start = now();
  let last = start;
  return (step) => {
    const isLong = now() - start >= pauseMs;
    if (step.name === "copying" ? now() - last < pauseMs : !isLong) return;
    last = now();
    const text = describeStep(step);
    if (text !== undefined) output.tell(`… ${text}`);
  };
}

function describeStep(step: MoveStep): string | undefined {
  switch (step.name) {
    case "copying":
      return `${step.table}: ${step.done} of ${step.total}`;
    case "copied":
      return "all copied; PostgreSQL checks and commits";
    case "committed":
      return "committed; now the file is emptied";
    case "listed":
    case "deleted":
      return undefined;
    default:
      return step satisfies never;
  }
}
