import { readFileSync } from "node:fs";

/** The attempts at one delivery's job, in the order in which they were written down. */
interface Attempts {
  readonly claimed: number[];
  readonly begun: number[];
}

/** What the applications wrote of their attempts. */
export class AttemptLog {
  readonly #file: string;
  #readTo = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * What is wrong with the attempts written since the last call; nothing where all is well.
   *
   * @param unseen How many claims of each job may have been made without a trace: by an application that died, or was not answered.
   * @param most Of each job.
   */
  differences(unseen: number, most: number): readonly string[] {
    const text = readFileSync(this.#file, "utf8").slice(this.#readTo);
    this.#readTo += text.length;
    return [...byDelivery(text)].flatMap(([id, { claimed, begun }]) => {
      const numbers = new Set(claimed);
      const highest = Math.max(...claimed, ...begun);
      const faults = [
        ...(highest - numbers.size > unseen ? ["has gaps"] : []),
        ...(highest > most ? ["has too many"] : []),
        ...(begun.every((number) => numbers.has(number)) ? [] : ["began what it had not claimed"]),
        ...(new Set(begun).size === begun.length ? [] : ["began one twice"]),
      ];
      return faults.map((fault) => `${id} ${fault}: claimed ${claimed.join(", ")}; begun ${begun.join(", ")}`);
    });
  }
}

function byDelivery(text: string): ReadonlyMap<string, Attempts> {
  const all = new Map<string, Attempts>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [what = "", id = "", number] = line.split(" ");
    const attempts = all.get(id) ?? { claimed: [], begun: [] };
    all.set(id, attempts);
    attempts[what as keyof Attempts].push(Number(number));
  }
  return all;
}
