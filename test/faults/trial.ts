import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { PrivateEngine } from "../support/engines.ts";
import { until } from "../support/until.ts";
import { Application } from "./application.ts";
import { type Fate, Ledger } from "./ledger.ts";
import type { Holding, Place } from "./place.ts";
import { type Fault, type Point, times } from "./points.ts";
import { post, type Sent } from "./provider.ts";
import { randomFrom } from "./random.ts";

/** Set to repeat a run that failed. */
export const seed = Number(process.env["HOOKWRIGHT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const secret = "the secret of the fault tests";

const fates: Readonly<Record<string, Fate>> = { work: "done", looked: "done", unwanted: "ignored", poison: "dead" };

/** What a trial is made of. */
export interface TrialOptions {
  readonly place: Place;
  /** For what the applications write besides. */
  readonly directory: string;
  /** How many applications share the database. */
  readonly applications: number;
  /** The engine that faults stop. */
  readonly engine?: PrivateEngine;
  /** Size of a delivery's body. */
  readonly bytes?: number;
  /** Attempts before a job is a dead letter. Default 6: more than faults take. */
  readonly maxAttempts?: number;
  /** A directory on the disk that faults fill. */
  readonly fillDirectory?: string;
  /** How long it may take until all is done, in milliseconds. */
  readonly drainMs?: number;
}

/** Applications on one database, the provider that delivers to them, and its ledger; one fault after another. */
export class Trial {
  readonly #options: TrialOptions;
  readonly #ledger: Ledger;
  readonly #attempts: string;
  #applications: Application[] = [];
  #watching = new Set<Promise<void>>();
  #isOver = false;
  #failure: unknown;
  /** Answers that told the provider to come again. */
  refusals = 0;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#attempts = join(options.directory, "attempts");
    writeFileSync(this.#attempts, "");
    const { maxAttempts = 6, place } = options;
    this.#ledger = new Ledger({ attempts: this.#attempts, maxAttempts, hasOutbox: place.options.queue !== undefined });
  }

  async start(): Promise<void> {
    this.#applications = Array.from({ length: this.#options.applications }, () => this.#newApplication());
    await Promise.all(this.#applications.map((application) => application.listens()));
    for (const index of this.#applications.keys()) this.#keepAlive(index);
  }

  /** Has one fault happen, delivers until it has, waits until all is done, and compares. */
  async run(fault: Fault, point: Point): Promise<void> {
    const random = randomFrom(seed + [...`${fault} ${point}`].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
    const shot = { fault, point, nth: 1 + Math.floor(random() * 2) };
    await this.#explain(`${fault} at "${point}", passage ${shot.nth}`, async () => {
      const armed = [...this.#applications];
      await Promise.all(armed.map((application) => application.arm(shot)));
      let isFired = false;
      const striking = Promise.all(armed.map((application) => this.#strike(application, fault, () => isFired)));
      for (let wave = 0; !armed.some((application) => application.hasFired); wave++) {
        if (wave === 8) throw new Error("The journey did not pass there.");
        await this.#play(wave === 0 ? ["work", "poison", "looked", "unwanted", "work", "looked"] : ["looked", "work"], random);
        await this.#drained();
      }
      await Promise.all(this.#applications.map((application) => application.arm(undefined)));
      isFired = true;
      await striking;
      await this.#drained();
      await this.#sendAgain();
      await this.#compare();
    });
  }

  /** Delivers one thing many times at once, to every application, and compares. */
  async runCopies(copies: number): Promise<void> {
    await this.#explain(`${copies} copies at once`, async () => {
      for (const event of ["work", "looked", "poison", "unwanted"]) {
        const sent = this.#sent(event);
        await Promise.all(Array.from({ length: copies }, (_, index) => this.#deliver(sent, () => index)));
      }
      await this.#drained();
      await this.#compare();
    });
  }

  /** Kills an application again and again while deliveries come. */
  async runKills(kills: number): Promise<void> {
    const random = randomFrom(seed);
    await this.#explain(`${kills} kills at random`, async () => {
      const deliveries: Promise<unknown>[] = [];
      for (let kill = 0; kill < kills; kill++) {
        await until(() => this.#applications[0]?.isListening === true || this.#failure !== undefined, 20_000);
        deliveries.push(this.#play(["work", "work", "work", "work", kill % 5 === 0 ? "looked" : "work"], random));
        // Spread over the whole life of a burst: from before the first byte is read to after the last job.
        await delay(random() * 200);
        this.#ledger.mayHaveClaimed();
        this.#applications[0]?.signal("SIGKILL");
        await this.#applications[0]?.ends();
        if (deliveries.length === 3) await Promise.all(deliveries.splice(0, 2)); // or nothing would ever be told 2xx
      }
      await Promise.all(deliveries);
      await this.#drained();
      await this.#sendAgain();
      await this.#compare();
    });
  }

  /** Ends the applications. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#applications.map((application) => application.stop()));
    await Promise.all(this.#watching);
    await this.#options.place.close();
  }

  #newApplication(): Application {
    const { place, fillDirectory, maxAttempts = 6 } = this.#options;
    const fill = fillDirectory === undefined ? {} : { fillDirectory };
    return new Application(
      { ...place.options, ...fill, attempts: this.#attempts, maxAttempts, secret },
      join(this.#options.directory, "compile-cache"),
    );
  }

  /** Starts an application again that died. What was accepted before must be on record by then. */
  #keepAlive(index: number): void {
    const watch = async (): Promise<void> => {
      while (!this.#isOver) {
        const application = this.#applications[index];
        await application?.ends();
        if (this.#isOver) return;
        if (application?.hasCrashed) throw new Error(`An application ended by itself:\n${application.errors}`);
        const accepted = this.#ledger.unrecorded(await this.#options.place.look());
        if (accepted.length > 0) throw new Error(`Answered 2xx, and not on record after the kill: ${accepted.join(", ")}`);
        const next = this.#newApplication();
        this.#applications[index] = next;
        await next.listens();
      }
    };
    const watching = watch().catch((error: unknown) => {
      if (!this.#isOver) this.#failure = error;
    });
    this.#watching.add(watching);
  }

  /** The test's part of a fault: what the application cannot do to itself. */
  async #strike(application: Application, fault: Fault, isOver: () => boolean): Promise<void> {
    await until(() => application.hasFired || isOver() || this.#failure !== undefined, 60_000);
    if (!application.hasFired) return;
    if (fault === "kill" || fault === "engine stopped" || fault === "engine killed") this.#ledger.mayHaveClaimed();
    if (fault === "stop") {
      await application.stops();
      await delay(times.lease * 1.4);
      application.signal("SIGCONT");
    } else if (fault === "engine stopped" || fault === "engine killed") {
      await this.#options.engine?.stop(fault === "engine killed" ? "killed" : "asked");
      await delay(100); // for what the application does meanwhile
      await this.#options.engine?.start();
      application.goOn();
    }
  }

  async #play(events: readonly string[], random: () => number): Promise<void> {
    await Promise.all(
      events.map(async (event) => {
        const sent = this.#sent(event);
        const copies = random() < 0.3 ? 2 : 1;
        await Promise.all(Array.from({ length: copies }, () => this.#deliver(sent, random)));
      }),
    );
  }

  #sent(event: string): Sent {
    return { id: `${event}-${randomUUID()}`, event, bytes: this.#options.bytes ?? 2_000 };
  }

  /** As a provider does: again and again, until it is told 2xx. */
  async #deliver(sent: Sent, random: () => number): Promise<void> {
    const end = performance.now() + (this.#options.drainMs ?? 30_000);
    while (performance.now() < end && this.#failure === undefined) {
      const application = this.#applications[Math.floor(random() * 1_000) % this.#applications.length];
      const status = !application?.isListening || application.port === undefined ? undefined : await post(application.port, sent, secret);
      if (status === 200) {
        this.#ledger.accept(sent.id, fates[sent.event] ?? "done");
        return;
      }
      if (status !== undefined) this.refusals++;
      await delay(20);
    }
    throw new Error(`${sent.id} was never accepted.`, { cause: this.#failure });
  }

  /** The provider has lost its notes. All of it is a duplicate. */
  async #sendAgain(): Promise<void> {
    const ids = this.#ledger.acceptedIds.slice(-20);
    await Promise.all(ids.map((id) => this.#deliver({ ...this.#sent(id.split("-")[0] ?? ""), id }, () => 0)));
  }

  async #drained(): Promise<void> {
    const isDrained = async (): Promise<boolean> => {
      if (this.#failure !== undefined) throw this.#failure;
      const holding = await this.#options.place.look().catch(() => undefined); // the engine may be away
      return (holding !== undefined && this.#ledger.isDrained(holding)) || delay(20, false);
    };
    await until(isDrained, this.#options.drainMs ?? 30_000);
  }

  async #compare(): Promise<void> {
    const differences = [...this.#ledger.differences(await this.#options.place.look()), ...this.#ledger.attemptDifferences()];
    if (differences.length > 0) throw new Error(`The ledger differs:\n${differences.join("\n")}`);
  }

  /** Adds to a failure what repeats it. */
  async #explain(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const holding: Partial<Holding> = await this.#options.place.look().catch(() => ({}));
      const differences = "effects" in holding ? this.#ledger.differences(holding as Holding) : ["(the database does not answer)"];
      const complaints = this.#applications.map(({ errors }) => errors).join("\n");
      const repeat = `Repeat with HOOKWRIGHT_SEED=${seed}: ${what}, ${this.#options.place.options.database}`;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${reason}\n${repeat}\nThe ledger's differences:\n${differences.join("\n")}\nThe applications said:\n${complaints}`, {
        cause,
      });
    }
  }
}
