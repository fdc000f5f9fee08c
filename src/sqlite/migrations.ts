/** Marks a SQLite file as Hookwright's: "Hook" in ASCII, kept as `PRAGMA application_id`. */
export const applicationId = 0x486f6f6b;

/**
 * The schema, step by step. A database that has seen the first n steps has `PRAGMA user_version` n. A step that has been
 * released is never edited; a change is a new step.
 */
export const migrations: readonly string[] = [
  // 1: the queue and the deliveries seen. Bodies stand apart, so that leasing a job does not rewrite its body. A lease is
  // a due time in the future, so one index serves due jobs and expired leases alike; dead letters are not in it.
  // A claim lives for moments, so its table stays small and is searched without an index for what the dead left.
  `
  CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    handler TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease INTEGER NOT NULL,
    reason TEXT,
    dead_at INTEGER
  ) STRICT;
  CREATE INDEX jobs_due ON jobs (due_at, seq) WHERE dead_at IS NULL;
  CREATE INDEX jobs_dead ON jobs (seq) WHERE dead_at IS NOT NULL;

  CREATE TABLE job_bodies (seq INTEGER PRIMARY KEY, head TEXT NOT NULL, body BLOB NOT NULL) STRICT;
  CREATE TRIGGER job_bodies_follow AFTER DELETE ON jobs BEGIN
    DELETE FROM job_bodies WHERE seq = old.seq;
  END;

  CREATE TABLE claims (
    delivery TEXT PRIMARY KEY,
    claim TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE deliveries (
    delivery TEXT PRIMARY KEY,
    body_checksum INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX deliveries_expire ON deliveries (expires_at);
  `,
];
