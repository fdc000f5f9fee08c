import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { RabbitmqChannel } from "../../../src/queue/drivers/rabbitmq.ts";
import { Publisher } from "../../../src/queue/drivers/rabbitmq-publisher.ts";
import { Topology } from "../../../src/queue/drivers/rabbitmq-topology.ts";

const never = new Promise<never>(() => {});
const { work } = new Topology("jobs");

/** A channel of the client that gets no answers, save those that a test gives. */
class Channel extends EventEmitter {
  active = true;
  confirmSelect = async () => {};
  queueDeclare = async (): Promise<unknown> => ({});
  basicPublish = (_envelope: { readonly messageId: string }, _body: Buffer): Promise<void> => never;

  async close(): Promise<void> {
    this.active = false;
    this.emit("close");
  }
}

describe("the RabbitMQ publisher", () => {
  let channel: Channel;
  let publisher: Publisher;
  let resets: number;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask"] });
    channel = new Channel();
    resets = 0;
    const acquire = async () => channel as unknown as RabbitmqChannel;
    publisher = new Publisher({ acquire, reset: () => void resets++ });
  });
  afterEach(() => void jest.useRealTimers());

  const publish = () =>
    publisher.publish(work, Buffer.from("a")).then(
      () => "confirmed",
      (error: Error) => error.message,
    );

  it("rejects at once what the client has forgotten when its channel dies", async () => {
    const published = publish();
    await jest.advanceTimersByTimeAsync(1);
    await channel.close();
    expect(await published).toMatch(/closed before/);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("resolves what was confirmed in the moment in which its channel dies", async () => {
    let confirm = (): void => {};
    const confirmed = new Promise<void>((resolve) => {
      confirm = resolve;
    });
    channel.basicPublish = () => confirmed;
    const published = [publish(), publish(), publish()];
    await jest.advanceTimersByTimeAsync(1);
    confirm();
    await confirmed;
    await channel.close();
    expect(await Promise.all(published)).toEqual(["confirmed", "confirmed", "confirmed"]);
  });

  it("breaks a connection on which no message is confirmed, and rejects each message when its own time is over", async () => {
    const first = publish();
    await jest.advanceTimersByTimeAsync(6_000);
    const second = publish();
    await jest.advanceTimersByTimeAsync(4_000);
    expect(await first).toMatch(/did not answer/);
    expect(resets).toBe(1);
    expect(await Promise.race([second, "open"])).toBe("open");
    await jest.advanceTimersByTimeAsync(6_000);
    expect(await second).toMatch(/did not answer/);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("breaks a connection on which no queue can be declared", async () => {
    channel.queueDeclare = () => never;
    const published = publish();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await published).toMatch(/did not answer/);
    expect(resets).toBe(1);
  });

  it("breaks a connection on which no channel can be opened", async () => {
    channel.confirmSelect = () => never;
    const published = publish();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await published).toMatch(/did not answer/);
    expect(resets).toBe(1);
  });

  it("rejects what comes back, though the client confirms it first, and nothing else of the same moment", async () => {
    const answered: string[] = [];
    channel.basicPublish = async ({ messageId }) => {
      const replyText = "NO_ROUTE";
      if (messageId === "2") setImmediate(() => channel.emit("basic.return", { messageId, replyText }));
      answered.push(messageId);
    };
    expect(await Promise.all([publish(), publish(), publish()])).toEqual([
      "confirmed",
      "RabbitMQ returned the message: NO_ROUTE.",
      "confirmed",
    ]);
    expect(answered).toEqual(["1", "2", "3"]);
  });
});
