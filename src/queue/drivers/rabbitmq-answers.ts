/** Longest wait for the broker to say yes to anything, and for a connection that is being made again. */
export const answerMs = 10_000;

/** Longest wait for something to be closed before it is left, or broken. */
export const closeMs = 2_000;

/** An answer did not come. */
export class NoAnswerError extends Error {
  override name = "NoAnswerError";

  constructor(what: string, ms = answerMs) {
    super(`RabbitMQ did not answer within ${ms} ms: ${what}.`);
  }
}

/** Rejects when an answer takes too long: a broker that blocks publishers, or is gone without a word, never gives any. */
export function inTime<Value>(what: string, answer: Promise<Value>, ms = answerMs): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswerError(what, ms)), ms);
    const end = <Result>(settle: (result: Result) => void) => {
      return (result: Result) => {
        clearTimeout(timer);
        settle(result);
      };
    };
    answer.then(end(resolve), end(reject));
  });
}
