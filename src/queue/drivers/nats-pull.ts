import type { Msg } from "@nats-io/transport-node";
import { consumerName, type NatsTools } from "./nats-engine.ts";

/** A message that the consumer handed out. */
export interface NatsDelivery {
  /** Where to acknowledge it; no two deliveries have the same. */
  readonly reply: string;
  readonly data: Uint8Array;
  /** The message's place in the stream. */
  readonly sequence: number;
  /** How often the message has been delivered, this time included. */
  readonly deliveries: number;
}

/** What a pull brought; `isAll` where there is nothing more at the moment. */
export interface NatsPulled {
  readonly deliveries: readonly NatsDelivery[];
  readonly isAll: boolean;
}

interface PullOptions {
  readonly stream: string;
  readonly limit: number;
  readonly timeoutMs: number;
}

/** Status codes that end a pull: nothing there, or nothing more. */
const endCodes = new Set([404, 408]);

/** Takes what is there, without waiting for more. The client's own pulls wait for a second at least. */
export function pull({ connection, newInbox }: NatsTools, { stream, limit, timeoutMs }: PullOptions): Promise<NatsPulled> {
  return new Promise((resolve, reject) => {
    const deliveries: NatsDelivery[] = [];
    const end = (isAll: boolean, failure?: Error) => {
      clearTimeout(timer);
      subscription.unsubscribe();
      if (failure && deliveries.length === 0) reject(failure);
      else resolve({ deliveries, isAll });
    };
    const inbox = newInbox();
    const timer = setTimeout(() => end(true, new Error("The NATS server did not answer in time.")), timeoutMs);
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        const code = message?.headers?.code ?? 0;
        if (error) end(true, error);
        else if (endCodes.has(code)) end(true);
        else if (code > 0) end(true, new Error(`The NATS server refused a pull: ${code} ${message.headers?.description}`));
        else if (deliveries.push(readDelivery(message)) === limit) end(false);
      },
    });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumerName}`, JSON.stringify({ batch: limit, no_wait: true }), {
      reply: inbox,
    });
  });
}

/** The reply subject carries the counts. Newer servers put domain and account before the stream's name. */
function readDelivery({ reply = "", data }: Msg): NatsDelivery {
  const tokens = reply.split(".");
  const from = tokens.length > oldTokens ? 2 : 0;
  return { reply, data, deliveries: Number(tokens[from + 4]), sequence: Number(tokens[from + 5]) };
}

/** Parts of `$JS.ACK.stream.consumer.deliveries.sequence.consumerSequence.time.pending`. */
const oldTokens = 9;
