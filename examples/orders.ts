import {
  type Clock,
  createWebhooks,
  handler,
  type Logger,
  type Queue,
  RejectDelivery,
  type Store,
  WebhookHandler,
  type WebhookHandlerContext,
  type WebhookQueueContext,
  WebhookQueueHandler,
  type Webhooks,
} from "hookwright";
import { stripe } from "hookwright/receivers/stripe";
import { container, inject } from "tsyringe";

interface Invoice {
  readonly id: string;
  readonly data: { readonly object: { readonly customer: string; readonly amount_paid: number } };
}

/** Where paid amounts are booked. */
export interface Ledger {
  has(customer: string): boolean;
  /** Books an amount once for each event id, however often it is called. */
  book(event: string, customer: string, amount: number): Promise<void>;
}

export const ledgerToken = Symbol("Ledger");

@handler({ order: 10, receiver: "stripe", events: ["invoice.paid"] })
export class CheckCustomer extends WebhookHandler {
  constructor(@inject(ledgerToken) private readonly ledger: Ledger) {
    super();
  }

  override execute(context: WebhookHandlerContext): void {
    const customer = context.getDataOrDefault<Invoice>()?.data.object.customer;
    if (customer === undefined || !this.ledger.has(customer)) throw new RejectDelivery(422, "unknown customer");
  }
}

@handler({ order: 90, receiver: "stripe", events: ["invoice.paid"] })
export class BookInvoice extends WebhookQueueHandler {
  constructor(@inject(ledgerToken) private readonly ledger: Ledger) {
    super();
  }

  override async process(context: WebhookQueueContext): Promise<void> {
    const { id, data } = context.data as Invoice;
    await this.ledger.book(id, data.object.customer, data.object.amount_paid);
  }
}

/** What differs between production and a test. */
export interface OrdersOptions {
  readonly ledger: Ledger;
  readonly secret: string;
  readonly queue?: Queue;
  readonly store?: Store;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export function createOrders({ ledger, secret, ...parts }: OrdersOptions): Webhooks {
  const scope = container.createChildContainer();
  scope.registerInstance(ledgerToken, ledger);
  return createWebhooks({
    ...parts,
    container: scope,
    receivers: [stripe],
    handlers: [CheckCustomer, BookInvoice],
    secrets: { stripe: secret },
  });
}
