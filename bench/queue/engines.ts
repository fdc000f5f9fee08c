import { isServiceThere, services, serviceUrl } from "../../test/support/service-places.ts";
import { isPeerInstalled } from "./peer-packages.ts";
import { redisDurability } from "./redis-keys.ts";
import { postgresDurability } from "./schema.ts";
import type { Engine, Variant } from "./variants.ts";

/** The engines that answer, with where they are; the others are named. SQLite needs none: its directory is given. */
export async function findEngines(asked: readonly Engine[], directory: string): Promise<ReadonlyMap<Engine, string>> {
  const found = new Map<Engine, string>();
  for (const engine of asked) {
    if (engine === "sqlite") {
      found.set(engine, directory);
      continue;
    }
    if (await isServiceThere(engine)) found.set(engine, serviceUrl(engine));
    else console.log(`${engine} is left out: no server answers where ${services[engine].variable} says, or at its usual local address.`);
  }
  return found;
}

/** The variants of engines that are there, whose packages are installed; those that are left out are named. */
export function available(variants: readonly Variant[], engines: ReadonlyMap<Engine, string>): readonly Variant[] {
  return variants.filter(({ engine, peer }) => engines.has(engine) && (peer === undefined || isPeerInstalled(peer)));
}

/** Says which packages are missing, and how they are installed. */
export function reportMissingPeers(engines: ReadonlyMap<Engine, string>): void {
  const missing = (["pg-boss", "graphile-worker"] as const).filter((peer) => !isPeerInstalled(peer));
  if (missing.length === 0 || !engines.has("postgres")) return;
  console.log(`${missing.join(" and ")} left out: not installed. Install with: npm ci --prefix bench/peers`);
}

/** Says how durable the servers are. */
export async function reportDurability(engines: ReadonlyMap<Engine, string>): Promise<void> {
  const { postgres, redis } = Object.fromEntries(engines) as Partial<Record<Engine, string>>;
  if (engines.has("sqlite")) console.log("SQLite: synchronous FULL");
  if (postgres) console.log(await postgresDurability(postgres));
  if (redis) console.log(await redisDurability(redis));
  if (engines.has("rabbitmq")) console.log("RabbitMQ: quorum queues, confirmed");
  if (engines.has("nats")) console.log("NATS: as its sync_interval says, by default every two minutes");
}
