/** Work to store. The bytes are kept exactly; the head is small text beside them, such as JSON. */
export interface NewJob {
  /** Identity, chosen by the caller: a second `send` with the id of a job that is still stored changes nothing. */
  readonly id: string;
  /** Who handles it: the name of a queue handler. */
  readonly handler: string;
  readonly head: string;
  readonly body: Uint8Array;
  /** Not before this time. Default: at once. */
  readonly dueAt?: Date;
  /** What it has in common with others whose number at a time is limited: the name of the receiver. Default: the empty text. */
  readonly group?: string;
  /** Given where it must not overtake others, nor be done beside them. */
  readonly ordering?: JobOrdering;
}

/** How a job stands to others of the same key: they are done one at a time, in the order in which they were sent. */
export interface JobOrdering {
  readonly key: string;
  /** What those behind a dead letter do: go on, or wait until it is retried or purged. */
  readonly afterDead: "continue" | "wait";
}
