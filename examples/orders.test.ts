import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { silentLogger, type Webhooks } from "hookwright";
import { stripe } from "hookwright/receivers/stripe";
import { controllableClock, deliver, memoryQueue, memoryStore, type SignedRequest, signRequest } from "hookwright/testing";
import { createOrders, type Ledger } from "./orders.ts";

const secret = "whsec_for_tests_only_0123456789";
const clock = controllableClock();
const booked = new Map<string, number>();
let failures = 0;
let webhooks: Webhooks;

const ledger: Ledger = {
  has: (customer) => customer === "cus_1",
  book: async (event, _customer, amount) => {
    if (failures-- > 0) throw new Error("the ledger is closed");
    booked.set(event, amount);
  },
};

beforeEach(async () => {
  booked.clear();
  failures = 0;
  webhooks = createOrders({ ledger, secret, clock, queue: memoryQueue({ clock }), store: memoryStore({ clock }), logger: silentLogger });
  await webhooks.start(); // the worker; no server
});

afterEach(async () => {
  await webhooks.close({ graceMs: 0 });
});

test("books a paid invoice", async () => {
  const { status } = await deliver(webhooks, invoicePaid("evt_1"));
  expect(status).toBe(200);
  await until(() => booked.get("evt_1") === 4200);
});

test("books again when the first attempt fails", async () => {
  failures = 1;
  await deliver(webhooks, invoicePaid("evt_2"));
  await until(() => booked.has("evt_2"));
});

test("runs a redelivery once", async () => {
  await deliver(webhooks, invoicePaid("evt_3"));
  await deliver(webhooks, invoicePaid("evt_3"));
  expect(webhooks.counts()).toMatchObject({ handled: 1, duplicates: 1 });
});

test("refuses an unknown customer with 422", async () => {
  const { status, body } = await deliver(webhooks, invoicePaid("evt_4", "cus_2"));
  expect(status).toBe(422);
  expect(JSON.parse(String(body))).toEqual({ error: "delivery_rejected", message: "unknown customer" });
});

test("refuses a body that was changed after signing", async () => {
  const request = invoicePaid("evt_5");
  const { status } = await deliver(webhooks, { ...request, body: request.body.toString().replace("4200", "1") });
  expect(status).toBe(401);
});

test("refuses a request that is older than five minutes", async () => {
  const request = invoicePaid("evt_6");
  await clock.advance(301_000);
  expect((await deliver(webhooks, request)).status).toBe(401);
});

function invoicePaid(id: string, customer = "cus_1"): SignedRequest {
  const body = { id, data: { object: { customer, amount_paid: 4200 } } };
  return signRequest(stripe, { secret, event: "invoice.paid", body, now: clock.now() });
}

/** Lets the worker's time pass, a second a step, until the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let step = 0; !condition(); step++) {
    if (step === 100) throw new Error("the condition was never met");
    await clock.advance(1_000);
  }
}
