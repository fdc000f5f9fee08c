import { hasEnded } from "../../sqlite/index.ts";
import type { SqlPort } from "./port.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { compile } from "./statement.ts";

/**
 * Gives back what processes of this machine had claimed when they died: whoever was killed while it handled a delivery need not keep
 * the provider waiting until the lease has run out. Only where all who claim are on one machine is it known who has died.
 */
export async function releaseForTheDead(port: SqlPort): Promise<void> {
  const { queries } = sqliteDialect;
  const reading = compile(queries.selectFrom("claims").select("owner").distinct(), "rows");
  const releasing = compile(queries.deleteFrom("claims").where("owner", "=", sqliteDialect.setting<string>("owner", "text")), "none");
  const [owners] = await port.run([{ statement: reading }], { durable: false });
  const dead = (owners?.rows ?? []).map(({ owner }) => String(owner)).filter(hasEnded);
  for (const owner of dead) await port.run([{ statement: releasing, settings: { owner } }], { durable: false });
}
