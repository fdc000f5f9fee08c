import type { DatabaseSync } from "node:sqlite";

type NodeSqlite = typeof import("node:sqlite");

let loaded: NodeSqlite | undefined;

/** Opens a file with `node:sqlite`, without the warning that Node 22 prints for the module when it is first loaded. */
export function openFile(file: string): DatabaseSync {
  loaded ??= loadQuietly();
  return new loaded.DatabaseSync(file);
}

function loadQuietly(): NodeSqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}
