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
  // 2: groups, crashes, ordering and the time base. A claim that leaves out groups goes by the second index of what is due, in which
  // a group is passed over in one step, however much of it is due. `held` tells a lease that ran out from a wait that is over.
  //
  // Of the jobs of one ordering key that are still to be done one at most is not \`waiting\`: the one that is held, or else the first, unless
  // a dead letter that holds up the others stands before it. Whatever may change that inserts the key into the view; the rest wait outside
  // of the index of what is due. Settlements and retries of dead letters always set \`dead_at\`, leasing never does.
  `
  ALTER TABLE jobs ADD COLUMN group_name TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN ordering_key TEXT;
  ALTER TABLE jobs ADD COLUMN after_dead TEXT;
  ALTER TABLE jobs ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
  DROP INDEX jobs_due;
  CREATE INDEX jobs_due ON jobs (due_at, seq) WHERE dead_at IS NULL AND waiting = 0;
  CREATE INDEX jobs_due_by_group ON jobs (group_name, due_at, seq) WHERE dead_at IS NULL AND waiting = 0;
  CREATE INDEX jobs_ordered ON jobs (ordering_key, seq)
    WHERE ordering_key IS NOT NULL AND (dead_at IS NULL OR after_dead = 'wait');
  CREATE UNIQUE INDEX jobs_turn ON jobs (ordering_key)
    WHERE ordering_key IS NOT NULL AND dead_at IS NULL AND waiting = 0;

  CREATE VIEW turns AS SELECT ordering_key, seq AS turn FROM jobs WHERE FALSE;
  CREATE TRIGGER turns_pass INSTEAD OF INSERT ON turns BEGIN
    UPDATE jobs SET waiting = 1
    WHERE ordering_key = new.ordering_key AND dead_at IS NULL AND waiting = 0 AND held = 0;
    UPDATE jobs SET waiting = 0
    WHERE NOT EXISTS (
      SELECT 1 FROM jobs WHERE ordering_key = new.ordering_key AND dead_at IS NULL AND waiting = 0
    ) AND dead_at IS NULL AND seq = (
      SELECT seq FROM jobs WHERE ordering_key = new.ordering_key AND (dead_at IS NULL OR after_dead = 'wait') ORDER BY seq LIMIT 1
    );
  END;
  CREATE TRIGGER jobs_gone AFTER DELETE ON jobs WHEN old.ordering_key IS NOT NULL BEGIN
    INSERT INTO turns (ordering_key) VALUES (old.ordering_key);
  END;
  CREATE TRIGGER jobs_settled AFTER UPDATE OF dead_at ON jobs WHEN new.ordering_key IS NOT NULL BEGIN
    INSERT INTO turns (ordering_key) VALUES (new.ordering_key);
  END;

  CREATE TABLE time_bases (origin TEXT PRIMARY KEY, offset_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // 3: the outbox, bodies that are too large for a queue, and dead letters of queues that keep none. `due_at` and `dead_at` are as the
  // sender's clock had them: they are handed on. Ordering keys may be long, so the index has their beginning.
  `
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    handler TEXT NOT NULL,
    head TEXT NOT NULL,
    body BLOB NOT NULL,
    due_at INTEGER,
    job_group TEXT NOT NULL,
    ordering_key TEXT,
    after_dead TEXT,
    taken_until INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_ordered ON outbox (substr(ordering_key, 1, 64), seq) WHERE ordering_key IS NOT NULL;

  CREATE TABLE bodies (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;

  CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    handler TEXT NOT NULL,
    head TEXT NOT NULL,
    body BLOB NOT NULL,
    due_at INTEGER,
    job_group TEXT NOT NULL,
    ordering_key TEXT,
    after_dead TEXT,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    dead_at INTEGER NOT NULL
  ) STRICT;
  `,
  // 4: for how long bodies are kept: as a time of `body_time`, which is counted only while somebody works on the queue. NULL: not yet known.
  `
  ALTER TABLE bodies ADD COLUMN kept_until INTEGER;
  CREATE INDEX bodies_kept ON bodies (kept_until);
  CREATE TABLE body_time (counted_ms INTEGER NOT NULL, seen_at INTEGER NOT NULL) STRICT;
  INSERT INTO body_time (counted_ms, seen_at) VALUES (0, 0);
  `,
];
