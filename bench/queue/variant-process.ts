// One contender in a process of its own, so that its CPU can be told from that of the others.
import { benchJob, type Contender, type Place } from "./contender.ts";
import { analyse } from "./schema.ts";
import { type Phase, variants } from "./variants.ts";

/** What the parent asks for: a slice of a phase, or so many jobs to be there. */
export type Order =
  | { readonly do: "accept"; readonly milliseconds: number; readonly senders: number }
  | { readonly do: "fill"; readonly jobs: number }
  | { readonly do: "consume"; readonly jobs: number }
  | { readonly do: "clear" };

/** What it is told. */
export interface Slice {
  readonly jobs: number;
  readonly seconds: number;
  /** Of this process, all threads. */
  readonly cpuMilliseconds: number;
}

const [, , phase, name, url, placeName] = process.argv as [string, string, Phase, string, string, string];
const variant = variants[phase].find((each) => each.name === name);
if (!variant) throw new Error(`There is no variant ${name}.`);
const place: Place = { url, name: placeName };
const contender = await variant.open(place);
process.on("message", (order: Order | "stop") => {
  void (order === "stop" ? stop() : obey(order).then((slice) => process.send?.({ slice }), fail));
});
for (const end of ["disconnect", "SIGINT", "SIGTERM"]) process.once(end, () => void stop());
process.send?.("ready");

let stopping: Promise<void> | undefined;

function stop(): Promise<void> {
  setTimeout(() => process.exit(1), 10_000).unref(); // its server may be gone before it
  stopping ??= contender.remove().then(() => process.exit(), fail);
  return stopping;
}

function fail(error: unknown): void {
  console.error(`${name}:`, error);
  process.exitCode = 1;
  if (stopping) process.exit();
  else void stop();
}

async function obey(order: Order): Promise<Slice | undefined> {
  switch (order.do) {
    case "accept":
      return accept(order);
    case "fill":
      await contender.fill?.(Array.from({ length: order.jobs }, () => benchJob));
      if (variant?.engine === "postgres") await analyse(place);
      return undefined;
    case "consume":
      return consume(contender, order.jobs);
    case "clear":
      await contender.clear();
      return undefined;
  }
}

async function accept({ milliseconds, senders }: Extract<Order, { do: "accept" }>): Promise<Slice> {
  const watch = startWatch();
  const end = performance.now() + milliseconds;
  let jobs = 0;
  const drive = async (): Promise<void> => {
    while (performance.now() < end) {
      await contender.send(benchJob);
      jobs++;
    }
  };
  await Promise.all(Array.from({ length: senders }, drive));
  return watch(jobs);
}

/** From the first job in a handler's hands to the last: connecting and the first look do not count. */
async function consume({ consume }: Contender, jobs: number): Promise<Slice> {
  if (!consume) throw new Error(`${name} does not consume.`);
  let resolve: (slice: Slice) => void = () => {};
  const finished = new Promise<Slice>((settle) => {
    resolve = settle;
  });
  let seen = 0;
  let watch: ReturnType<typeof startWatch> | undefined;
  const stopConsuming = await consume.call(contender, (body) => {
    watch ??= startWatch();
    JSON.parse(body);
    if (++seen === jobs) resolve(watch(jobs));
  });
  const slice = await finished;
  await stopConsuming();
  return slice;
}

function startWatch(): (jobs: number) => Slice {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  return (jobs) => {
    const { user, system } = process.cpuUsage(cpu);
    return { jobs, seconds: (performance.now() - startedAt) / 1_000, cpuMilliseconds: (user + system) / 1_000 };
  };
}
