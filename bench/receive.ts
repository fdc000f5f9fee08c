import { measure } from "./measure.ts";
import { report } from "./report.ts";

/** The receive path over HTTP: verify, parse, run handlers, answer. */
export async function receive(rounds: number, milliseconds: number): Promise<void> {
  const variants = ["hand-1", "hand-3", "hookwright-1", "hookwright-3", "octokit", "express"] as const;
  for (const body of ["large", "small"] as const) {
    report(
      `Receive over HTTP, GitHub push, ${body} body, 64 connections`,
      await measure({ variants, body, connections: 64, rounds, milliseconds }),
      "hand-3",
    );
  }
}

/** The durable path over HTTP: as above, and stored before the answer leaves. */
export async function durable(rounds: number, milliseconds: number): Promise<void> {
  const variants = ["durable-none", "durable-unbatched", "durable-hookwright", "durable-hookwright-no-dedup"] as const;
  for (const connections of [64, 1]) {
    const rows = await measure({ variants, body: "large", connections, rounds, milliseconds });
    report(`Durable before the answer, GitHub push, ${connections} connections`, rows, "durable-unbatched");
    report(`The same, against no store`, rows, "durable-none");
  }
}
