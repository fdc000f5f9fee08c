import { hostname } from "node:os";

/** This process, in a form that another process of the machine can judge later: machine, process id, start in Unix milliseconds. */
export const thisProcess = [hostname(), process.pid, Math.round(Date.now() - process.uptime() * 1000)].join("/");

/** Whether the process that wrote this about itself has ended. Nothing is known of other machines, nor of other forms of text. */
export function hasEnded(owner: string): boolean {
  const [machine, id, startedAt] = parse(owner);
  const [ownMachine, ownId, ownStartedAt] = parse(thisProcess);
  if (machine !== ownMachine || !Number.isSafeInteger(id)) return false;
  // In a container every restart has the same process id.
  if (id === ownId) return Math.abs(startedAt - ownStartedAt) > clockMarginMs;
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Starts that lie closer together are one start, computed twice. */
const clockMarginMs = 500;

function parse(owner: string): readonly [string, number, number] {
  const [, machine = "", id = "", startedAt = ""] = /^(.*)\/(\d+)\/(\d+)$/s.exec(owner) ?? [];
  return [machine, id === "" ? Number.NaN : Number(id), Number(startedAt)];
}
