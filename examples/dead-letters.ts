import type { Webhooks } from "hookwright";

/** Shows every dead letter, oldest first, a page at a time. */
export async function showDeadLetters(webhooks: Webhooks, write: (line: string) => void): Promise<void> {
  let after: string | undefined;
  do {
    const page = await webhooks.deadLetters.list({ limit: 100, ...(after === undefined ? {} : { after }) });
    for (const { id, handler, attempts, reason, deadAt } of page.jobs) {
      write(`${id} ${handler}, ${attempts} attempts, dead since ${deadAt?.toISOString()}: ${reason}`);
    }
    after = page.next;
  } while (after !== undefined);
}

/** Gives the jobs of one handler another ten attempts, for instance once its defect has been mended. */
export async function retryDeadLetters(webhooks: Webhooks, handler: string): Promise<number> {
  const { jobs } = await webhooks.deadLetters.list({ limit: 1_000 });
  return webhooks.deadLetters.retry(jobs.filter((job) => job.handler === handler).map((job) => job.id));
}
