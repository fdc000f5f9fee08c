import type { Msg } from "@nats-io/transport-node";
import type { NatsTools } from "./nats-engine.ts";
import { consumerName } from "./nats-streams.ts";

/** A message that the consumer handed out. */
export interface NatsDelivery {
  /** Where to acknowledge it; no two deliveries have the same. */
  readonly reply: string;
  readonly data: Uint8Array;
  /** The message's place in the stream. */
  readonly sequence: number;
  /** How often the message has been delivered, this time included. */
  readonly deliveries: number;
  /** When the message was stored, in Unix milliseconds of the server. */
  readonly storedAt: number;
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

/** For so long a first message may be on its way. */
const longestQuietMs = 1_000;

/**
 * Takes what is there, without waiting for more. The client's own pulls wait for a second at least. A server that counts a message which it
 * then cannot hand out leaves the request without an answer: it is withdrawn, and what the server has sent until then is taken.
 */
export function pull({ connection, newInbox }: NatsTools, { stream, limit, timeoutMs }: PullOptions): Promise<NatsPulled> {
  return new Promise((resolve, reject) => {
    const deliveries: NatsDelivery[] = [];
    const end = (isAll: boolean, failure?: Error) => {
      clearTimeout(timer);
      clearTimeout(quiet);
      subscription.unsubscribe();
      if (failure && deliveries.length === 0) reject(failure);
      else resolve({ deliveries, isAll });
    };
    const inbox = newInbox();
    const timer = setTimeout(() => end(true, new Error("The NATS server did not answer in time.")), timeoutMs);
    const withdraw = async () => {
      try {
        await subscription.drain(); // succeeds without a server too
        await connection.flush();
        end(true);
      } catch (failure) {
        end(true, failure as Error);
      }
    };
    const quiet = setTimeout(() => {
      if (deliveries.length === 0) void withdraw();
    }, longestQuietMs);
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
  const [deliveries, sequence, , nanoseconds] = tokens.slice(from + 4).map(Number);
  return { reply, data, deliveries: deliveries ?? 1, sequence: sequence ?? 0, storedAt: (nanoseconds ?? 0) / 1_000_000 };
}

/** Parts of `$JS.ACK.stream.consumer.deliveries.sequence.consumerSequence.time.pending`. */
const oldTokens = 9;
