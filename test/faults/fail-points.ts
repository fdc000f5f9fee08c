// The side of the faults that is inside the application under test. A published build has nothing of it.
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/clock.ts";
import { type Fault, type Order, type Point, type Shot, times } from "./points.ts";

const dayMs = 24 * 60 * 60 * 1_000;

/** Says something to the test before anything else happens, be it a SIGKILL. */
export function say(...words: readonly (string | number)[]): void {
  writeSync(1, `${words.join("\t")}\n`);
}

/** Where the journey passes, and what waits for it there. */
export class FailPoints {
  readonly clock: Clock;
  readonly #fillDirectory: string | undefined;
  #shot: Shot | undefined;
  #passages = 0;
  #shiftMs = 0;
  #goOn: () => void = () => {};

  /** @param fillDirectory On the disk that can become full. */
  constructor(fillDirectory: string | undefined) {
    this.#fillDirectory = fillDirectory;
    this.clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + this.#shiftMs) };
    process.on("message", (order: Order) => this.#obey(order));
    process.on("disconnect", () => process.exit(9)); // the test is gone
  }

  /**
   * Passes a point. All that need not wait for the test has happened when this returns, before its promise settles.
   *
   * @param hasDates Whether something passes that has dates of the clock on the wall: if that is set at this moment, they are wrong.
   */
  async pass(point: Point, { hasDates = false }: { readonly hasDates?: boolean } = {}): Promise<void> {
    const shot = this.#shot;
    if (shot?.point !== point || (hasDates && shot.fault.startsWith("clock"))) return;
    if (++this.#passages < shot.nth) return;
    this.#shot = undefined;
    say("fired", shot.point);
    await this.#strike(shot.fault);
  }

  #obey(order: Order): void {
    if ("goOn" in order) {
      this.#goOn();
      return;
    }
    this.#shot = "arm" in order ? order.arm : undefined;
    this.#passages = 0;
    this.#shiftMs = 0;
    say("armed");
  }

  #strike(fault: Fault): Promise<void> | undefined {
    switch (fault) {
      case "kill":
      case "stop":
        process.kill(process.pid, fault === "kill" ? "SIGKILL" : "SIGSTOP");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); // nothing more is done before the signal comes
        return;
      case "clock forward":
      case "clock back":
        this.#shiftMs = fault === "clock forward" ? dayMs : -dayMs;
        return;
      case "disk full":
        this.#fillDisk();
        return;
      case "engine stopped":
      case "engine killed":
        return new Promise((resolve) => {
          this.#goOn = resolve;
        });
      default:
        return fault satisfies never;
    }
  }

  #fillDisk(): void {
    const file = join(this.#fillDirectory ?? "", "filler");
    const descriptor = openSync(file, "w");
    for (const size of [1_048_576, 65_536, 4_096]) fill(descriptor, Buffer.alloc(size));
    closeSync(descriptor);
    setTimeout(() => rmSync(file, { force: true }), times.diskFull);
  }
}

function fill(descriptor: number, chunk: Buffer): void {
  try {
    while (writeSync(descriptor, chunk) === chunk.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

/** An object with some of its methods replaced; the others are its own. */
export function replacing<Whole extends object>(whole: Whole, replacements: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get: (_, name) => {
      if (Object.hasOwn(replacements, name)) return Reflect.get(replacements, name);
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === "function" ? value.bind(whole) : value;
    },
  });
}
