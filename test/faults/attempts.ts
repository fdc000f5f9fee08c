import { readFileSync } from "node:fs";

/** The attempts at one delivery's job, in the order in which they were written down. */
interface Attempts {
  readonly claimed: number[];
  readonly begun: number[];
}

/** What the applications wrote of their attempts. */
export class AttemptLog {
  readonly #file: string;
  #begin = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * What is wrong with those since the page was turned; nothing where all is well.
   *
   * @param unseen How many claims of each job may have been made without a trace: by an application that died, or was not answered.
   * @param repeated How often each job may have been sent again, and so have begun anew.
   * @param most Of each job.
   */
  differences({ unseen, repeated, most }: { readonly [limit in "unseen" | "repeated" | "most"]: number }): readonly string[] {
    return [...byDelivery(this.#read().slice(this.#begin))].flatMap(([id, { claimed, begun }]) => {
      const numbers = new Set(claimed);
      const highest = Math.max(...claimed, ...begun);
      const faults = [
        ...(highest - numbers.size > unseen ? ["has gaps"] : []),
        ...(highest > most ? ["has too many"] : []),
        ...(begun.every((number) => numbers.has(number)) ? [] : ["began what it had not claimed"]),
        ...(mostOfOne(begun) <= 1 + repeated ? [] : ["began one twice"]),
      ];
      return faults.map((fault) => `${id} ${fault}: claimed ${claimed.join(", ")}; begun ${begun.join(", ")}`);
    });
  }

  /** Leaves what has been written so far alone: those jobs have ended, and nobody claims them again. */
  turnPage(): void {
    this.#begin = this.#read().length;
  }

  #read(): string {
    return readFileSync(this.#file, "utf8");
  }
}

/** How often the number is there that is there most often. */
function mostOfOne(numbers: readonly number[]): number {
  return Math.max(0, ...numbers.map((one) => numbers.filter((other) => other === one).length));
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
