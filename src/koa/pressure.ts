import { RequestWindow } from "./request-window.ts";

/** Connections that the servers of this thread have taken over from the system. */
export const taken = { connections: 0 };

/** How a {@link Pressure} sees the event loop. Tests have one of their own. */
export interface LoopTime {
  /** Milliseconds from any moment. */
  now(): number;
  /** Calls back when everything that was ready in this turn of the loop has had its turn. */
  atTurnEnd(callback: () => void): void;
  /** Connections taken over so far. */
  connections(): number;
}

/** How long the processor works before a rest. */
const sliceMs = 10;
/** Refusing takes as long as the work before it, then twice as long, at most so many times, until the queue is empty. */
const maxRestFactor = 8;
/** How long after the last refusal a new queue is cut early. */
const alertMs = 2_000;
/** Then it may stand for this part of the time that it may stand otherwise. */
const alertPart = 1 / 10;
/** With fewer requests under way a pause of the process is no queue, and counts as `stallPart` of the time at most. */
const few = 4;
const stallPart = 1 / 4;
/** What one refusal takes at most; what takes longer is work. */
const refusalMs = 1;

/**
 * Tells when requests come faster than the processor takes them. They then wait where nobody counts them: in the sockets of their
 * connections, and behind the one connection that Node.js takes over in each turn of its event loop.
 *
 * What can be seen is whether that queue has been empty: a turn that was short and brought no connection found it so. As in CoDel
 * (RFC 8289), its length at one moment says nothing, since a burst is no overload; that it has been standing for long does. From then
 * on some work is followed by a rest, in which every request is refused, until the queue is empty or the rest is over. So connections
 * are taken over quickly, and what is taken on has not waited for long.
 *
 * Costs a look at the time for each request, and nothing while there is none.
 */
export class Pressure {
  readonly #waitMs: number;
  readonly #underWay: () => number;
  readonly #time: LoopTime;
  readonly #window: RequestWindow;
  #isWatching = false;
  #lookedAt = 0;
  #wasRefused = false;
  /** How long the queue has not been empty. */
  #standingMs = 0;
  #turnMs = 0;
  /** The turn without its refusals. */
  #workMs = 0;
  /** Work since the last rest began or ended, before this turn. */
  #sliceMs = 0;
  #hasAdmitted = false;
  #connections = 0;
  #restUntil = 0;
  #restFactor = 1;
  #alertUntil = Number.NEGATIVE_INFINITY;

  /**
   * @param waitMs How long the queue may stand before requests are refused.
   * @param underWay How many requests are under way.
   */
  constructor(waitMs: number, underWay: () => number, time: LoopTime = loopTime) {
    this.#waitMs = waitMs;
    this.#underWay = underWay;
    this.#time = time;
    this.#window = new RequestWindow((waitMs * alertPart) / 2, few);
  }

  /** Whether a request that has just come may be taken on. */
  admits(): boolean {
    const now = this.#time.now();
    if (this.#isWatching) this.#look(now);
    else this.#watch(now);
    const isAdmitted = this.#hasRoom(now) && (this.#standingMs <= this.#mayStandMs(now) || this.#isAtWork(now));
    this.#wasRefused = !isAdmitted;
    if (isAdmitted) this.#hasAdmitted = true;
    else this.#alertUntil = now + alertMs;
    return isAdmitted;
  }

  #hasRoom(now: number): boolean {
    return now >= this.#alertUntil || this.#window.hasRoom(this.#underWay());
  }

  /** One request is taken on after each rest, whatever else has kept the processor at work. */
  #isAtWork(now: number): boolean {
    return now >= this.#restUntil && (!this.#hasAdmitted || this.#sliceMs + this.#workMs < sliceMs);
  }

  #mayStandMs(now: number): number {
    return now < this.#alertUntil ? this.#waitMs * alertPart : this.#waitMs;
  }

  #watch(now: number): void {
    this.#isWatching = true;
    this.#lookedAt = now;
    this.#standingMs = 0;
    this.#sliceMs = 0;
    this.#hasAdmitted = false;
    this.#restFactor = 1;
    this.#restUntil = now;
    this.#time.atTurnEnd(this.#endTurn);
  }

  #look(now: number): void {
    const tookMs = now - this.#lookedAt;
    const passedMs = this.#underWay() < few ? Math.min(tookMs, this.#waitMs * stallPart) : tookMs;
    this.#lookedAt = now;
    this.#standingMs += passedMs;
    this.#turnMs += passedMs;
    this.#workMs += this.#wasRefused ? Math.max(0, passedMs - refusalMs) : passedMs;
  }

  /** The next turn is looked at even if it brings no request, or an empty queue would not be seen. */
  readonly #endTurn = (): void => {
    const now = this.#time.now();
    this.#look(now);
    const connections = this.#time.connections();
    const mayStandMs = this.#mayStandMs(now);
    this.#isWatching = connections !== this.#connections || this.#turnMs > mayStandMs / 2;
    if (now < this.#alertUntil) this.#window.endTurn(this.#workMs, this.#underWay());
    else this.#window.widen();
    if (this.#standingMs > mayStandMs) this.#endSlice(now);
    this.#connections = connections;
    this.#turnMs = 0;
    this.#workMs = 0;
    if (this.#isWatching) this.#time.atTurnEnd(this.#endTurn);
  };

  /** A slice of work leads to a rest. Work in a rest, with hardly a request under way, is not theirs: then refusing is of no use. */
  #endSlice(now: number): void {
    const isResting = now < this.#restUntil;
    if (!isResting || this.#underWay() < few) this.#sliceMs += this.#workMs;
    if (this.#sliceMs < sliceMs) return;
    if (isResting) this.#restUntil = now;
    else if (this.#hasAdmitted) {
      this.#restUntil = now + this.#restFactor * Math.min(this.#sliceMs, this.#waitMs * stallPart);
      this.#restFactor = Math.min(2 * this.#restFactor, maxRestFactor);
    }
    this.#sliceMs = 0;
    this.#hasAdmitted = false;
  }
}

const loopTime: LoopTime = {
  now: () => performance.now(),
  atTurnEnd: (callback) => void setImmediate(callback),
  connections: () => taken.connections,
};
