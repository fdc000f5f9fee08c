import { toColumn } from "../../postgres/text.ts";
import type { Bodies, BodyTerm } from "../store.ts";
import { type BodyStatements, bodyStatements } from "./body-statements.ts";
import type { Dialect } from "./dialect.ts";
import { readId } from "./jobs.ts";
import { readBytes, type SqlPort } from "./port.ts";

/** Large bodies in a database. */
export function sqlBodies(port: SqlPort, dialect: Dialect): Bodies {
  const statements = bodyStatements(dialect);
  return {
    put: async (id, body, term) => {
      const settings = { term_ms: term ? fullTermMs(term) : null };
      await port.run([{ statement: statements.put, given: [{ id: toColumn(id), body }], settings }], { durable: true });
    },
    get: async (ids, term) => {
      const settings = { keep_ms: term?.keepMs ?? null };
      const [found] = await port.run([{ statement: statements.get, given: idRows(ids), settings }], { durable: false });
      const rows = found?.rows ?? [];
      const short = rows.filter((row) => Number(row["is_short"]) === 1).map(readId);
      if (term && short.length > 0) await keep(port, statements, short, term);
      return new Map(rows.map((row) => [readId(row), readBytes(row["body"])]));
    },
    remove: async (ids) => {
      await port.run([{ statement: statements.remove, given: idRows(ids) }], { durable: false });
    },
    keep: (ids, term) => keep(port, statements, ids, term),
    count: async ({ atMostMs, ...term }) => {
      const steps = [
        { statement: statements.count, settings: { at_most_ms: atMostMs } },
        { statement: statements.begin, settings: { term_ms: fullTermMs(term) } },
        { statement: statements.shortest },
      ];
      const [, , shortest] = await port.run(steps, { durable: false });
      const left = shortest?.rows[0]?.["left_ms"] ?? null;
      return left === null ? undefined : Number(left);
    },
    sweep: async ({ limit }) => {
      const [swept] = await port.run([{ statement: statements.sweep, settings: { limit } }], { durable: false });
      return swept?.changes ?? 0;
    },
  };
}

/** Ids as given rows: each once, and in an order that is the same for everybody, so that nobody waits in a circle. */
export function idRows(ids: readonly string[]): readonly { readonly id: string }[] {
  return [...new Set(ids)].sort().map((id) => ({ id: toColumn(id) }));
}

/** What cannot be kept because of a power cut is kept by whoever needs it next. */
async function keep(port: SqlPort, { keep: statement }: BodyStatements, ids: readonly string[], term: BodyTerm): Promise<void> {
  const settings = { keep_ms: term.keepMs, term_ms: fullTermMs(term) };
  await port.run([{ statement, given: idRows(ids), settings }], { durable: false });
}

/** More than is asked for, so that a body that is needed again soon has not to be written again. */
function fullTermMs({ keepMs }: BodyTerm): number {
  return Math.ceil(keepMs * 1.25);
}
