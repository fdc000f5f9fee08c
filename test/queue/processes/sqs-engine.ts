import { expect } from "@jest/globals";
import type { PrivateEngine } from "../../support/engines.ts";
import { Child } from "./start-child.ts";

/**
 * Starts a queue of Amazon SQS for several processes. It keeps its messages in memory, as nobody can restart the real one: when it is
 * stopped, it refuses, or, as if killed, answers nothing.
 */
export async function startSqs(environment: NodeJS.ProcessEnv): Promise<PrivateEngine> {
  const child = new Child("sqs-server", "{}", environment);
  const [[connection = ""] = []] = await child.says("listens");
  let isStopped: "asked" | "killed" | undefined;
  const told = async (word: string, answer: string) => {
    const times = child.said(answer).length;
    child.tell(word);
    await child.says(answer, times + 1);
  };
  const start = async () => {
    if (isStopped === "killed") child.kill("SIGCONT");
    if (isStopped === "asked") await told("up", "isUp");
    isStopped = undefined;
  };
  return {
    connection,
    start,
    stop: async (how) => {
      if (how === "killed") child.kill("SIGSTOP");
      else await told("down", "isDown");
      isStopped = how;
    },
    remove: async () => {
      await start();
      child.tell("end");
      expect(await child.ends()).toEqual({ code: 0, signal: null });
      expect(child.said("faults")).toEqual([[]]); // every request was well formed
    },
  };
}
