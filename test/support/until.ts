import { setTimeout as delay } from "node:timers/promises";

/** Resolves when the condition holds; rejects if it does not within `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`The condition did not hold within ${ms} ms: ${condition}`);
    await delay(2);
  }
}

/** A promise that a test settles. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A gate that is closed. */
export function gate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
