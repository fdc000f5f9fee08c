// Compiled by `npm run types`: each `@ts-expect-error` is a test that fails once the line compiles.
import {
  type ContextOf,
  createWebhooks,
  type DataOf,
  defineReceiver,
  flagSetting,
  handler,
  hmac,
  payloadTypes,
  type QueueContextOf,
  textSetting,
  WebhookHandler,
  type WebhookHandlerContext,
  WebhookQueueHandler,
} from "../../src/index.ts";

interface Opened {
  readonly title: string;
}
interface Closed {
  readonly reason: number;
}

const tickets = defineReceiver({
  name: "tickets",
  title: "Tickets",
  docs: "https://tickets.example",
  verify: hmac({ header: "X-Signature" }),
  events: { body: "event" },
  settings: { region: textSetting({ about: "where", default: "eu" }), legacy: flagSetting({ about: "the old form" }) },
  payloads: payloadTypes<{ "ticket.opened": Opened; "ticket.closed": Closed }>(),
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_equal: Equal<A, B>): void => {};

same<DataOf<typeof tickets, "ticket.opened">, Opened>(true);
same<DataOf<typeof tickets, "ticket.*">, Opened | Closed>(true);
same<DataOf<typeof tickets, "*">, Opened | Closed>(true);
same<DataOf<typeof tickets>, Opened | Closed>(true);
same<DataOf<typeof tickets, "ticket.opened" | "ticket.closed">, Opened | Closed>(true);
same<DataOf<typeof tickets, "ticket.moved">, unknown>(true);
same<DataOf<"tickets", "ticket.opened">, unknown>(true);

@handler({ receiver: tickets, events: ["ticket.opened"] })
export class Typed extends WebhookHandler {
  execute(context: ContextOf<typeof tickets, "ticket.opened">): void {
    same<typeof context.data, Opened>(true);
    const title: string | undefined = context.getDataOrDefault()?.title;
    const certain: string = context.getDataOrDefault({ title: "" }).title;
    // @ts-expect-error there is no such member
    context.getDataOrDefault()?.reason;
    void [title, certain];
  }
}

@handler({ receiver: tickets, events: ["ticket.opened"] })
export class Wider extends WebhookHandler {
  execute(context: ContextOf<typeof tickets, "ticket.*">): void {
    void context.data;
  }
}

@handler({ receiver: [tickets], events: "ticket.closed", order: 10 })
export class Queued extends WebhookQueueHandler {
  process(context: QueueContextOf<typeof tickets, "ticket.closed">): void {
    const reason: number = context.data.reason;
    void reason;
  }
}

@handler({ receiver: "tickets", events: ["ticket.opened"] })
export class Vouched extends WebhookHandler {
  execute(context: WebhookHandlerContext): void {
    void context.getDataOrDefault<Opened>()?.title;
    // @ts-expect-error a name alone says nothing of the data
    context.getDataOrDefault()?.title;
  }
}

// @ts-expect-error the class takes the data of another event
@handler({ receiver: tickets, events: ["ticket.opened"] })
export class Mistaken extends WebhookHandler {
  execute(context: ContextOf<typeof tickets, "ticket.closed">): void {
    void context;
  }
}

const base = { receivers: [tickets], secrets: { tickets: "a secret of enough bytes" } } as const;
createWebhooks({ ...base, settings: { tickets: { region: "us", legacy: true, maxBytes: 10 } } });
// @ts-expect-error the receiver has no such setting
createWebhooks({ ...base, settings: { tickets: { regoin: "us" } } });
// @ts-expect-error the setting takes text
createWebhooks({ ...base, settings: { tickets: { region: 1 } } });
// @ts-expect-error no such receiver is registered
createWebhooks({ ...base, settings: { tickest: { region: "us" } } });
