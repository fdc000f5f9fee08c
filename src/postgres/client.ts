/** What a query answers. */
export interface PostgresResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly rowCount: number | null;
}

/** What can run a query: a client of `pg`, in a transaction of the caller's own, will do. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
}

/** A query for `pg`. One with a name is prepared once on each connection. */
export interface PostgresStatement {
  readonly text: string;
  readonly values: unknown[];
  readonly name?: string;
  /** Longest wait for the answer, in milliseconds. Default: that of the pool. */
  readonly query_timeout?: number;
}

/** The part of a `PoolClient` of `pg` that is used. */
export interface PostgresPoolClient extends PostgresClient {
  query(statement: PostgresStatement): Promise<PostgresResult>;
  query(text: string, values?: unknown[]): Promise<PostgresResult>;
  on(event: "notification" | "error" | "end", listener: (value: unknown) => void): unknown;
  removeListener(event: "notification" | "error" | "end", listener: (value: unknown) => void): unknown;
  release(destroy?: boolean): void;
}

/** The part of a `Pool` of `pg` that is used. */
export interface PostgresPool {
  readonly options?: { readonly max?: number };
  connect(): Promise<PostgresPoolClient>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connect", listener: (client: PostgresPoolClient) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "connect", listener: (client: PostgresPoolClient) => void): unknown;
  end(): Promise<void>;
}
