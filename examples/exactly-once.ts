import { handler, type WebhookQueueContext, WebhookQueueHandler } from "hookwright";
import { inject } from "tsyringe";

/** The part of `pg`'s Pool that is used here. */
export interface Pool {
  connect(): Promise<Client>;
}

export interface Client {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  release(): void;
}

export const poolToken = Symbol("Pool");

interface Payment {
  readonly account: string;
  readonly cents: number;
}

@handler({ receiver: "stripe", events: ["payment_intent.succeeded"] })
export class CreditAccount extends WebhookQueueHandler {
  constructor(@inject(poolToken) private readonly pool: Pool) {
    super();
  }

  async process(context: WebhookQueueContext): Promise<void> {
    const { account, cents } = context.data as Payment;
    const client = await this.pool.connect();
    try {
      await client.query("BEGIN");
      // Committed together with the record that this delivery has had this effect, or not at all.
      await context.once(client, () => client.query("UPDATE accounts SET cents = cents + $1 WHERE id = $2", [cents, account]));
      await client.query("COMMIT");
    } catch (error) {
      await client.query("ROLLBACK");
      throw error; // the job is tried again
    } finally {
      client.release();
    }
  }
}
