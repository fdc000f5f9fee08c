/** Who is at fault, and so who is told: the sender of a request, the application, or whoever configured it. */
export type ErrorFamily = "request" | "application" | "configuration";

/** One row of the table that `docs/errors.md` is generated from. */
export interface ErrorCodeEntry {
  /** The HTTP status that the provider is answered with; 0 where no request is involved. */
  readonly status: number;
  readonly family: ErrorFamily;
  /** What is wrong, in one sentence. */
  readonly meaning: string;
  /** What a person does next. */
  readonly remedy: string;
}

const request = (status: number, meaning: string, remedy: string): ErrorCodeEntry => ({
  status,
  family: "request",
  meaning,
  remedy,
});
const application = (status: number, meaning: string, remedy: string): ErrorCodeEntry => ({
  status,
  family: "application",
  meaning,
  remedy,
});
const configuration = (meaning: string, remedy: string): ErrorCodeEntry => ({
  status: 0,
  family: "configuration",
  meaning,
  remedy,
});

const proof = (meaning: string, remedy: string): ErrorCodeEntry => request(401, meaning, remedy);

/** Every stable error code. A code never changes its meaning; new ones may be added in a minor version. */
export const errorCodes = {
  // Routing and limits, before the body is read
  unknown_receiver: request(
    404,
    "No receiver of this name is registered.",
    "Check the URL given to the provider, and the `receivers` option.",
  ),
  unknown_id: request(
    404,
    "The receiver has no secret for this id.",
    "Add the id under `secrets.<receiver>`, or correct the last URL segment.",
  ),
  method_not_allowed: request(
    405,
    "The receiver does not take this HTTP method.",
    "The `Allow` header of the answer lists the methods that it takes.",
  ),
  https_required: request(
    400,
    "The request came over plain HTTP from another machine.",
    "Use https; behind a proxy that ends TLS set Koa's `app.proxy`; for a trusted network set `allowHttp`.",
  ),
  too_many_headers: request(
    431,
    "The request carries more header lines than `limits.maxHeaders`.",
    "Raise the limit only if a provider really sends that many.",
  ),
  bad_framing: request(400, "The request uses a transfer coding other than `chunked`.", "Nothing to do: no known provider sends this."),
  too_large: request(
    413,
    "The body, or what it decompresses to, exceeds the limit.",
    "Raise `settings.<receiver>.maxBytes` if the provider sends bodies of this size.",
  ),
  overloaded: request(
    503,
    "The budget of requests or bytes in flight is used up, or requests come faster than the processor takes them.",
    "The provider retries; add a process, or raise the limit that the log names.",
  ),
  request_aborted: request(
    400,
    "The connection ended before the whole body had arrived.",
    "The provider retries; look for a proxy with a short time-out.",
  ),
  // Proofs: all answered 401 with one same body
  signature_missing: proof(
    "The request carries no signature or token where the receiver looks for one.",
    "Check that a secret is set at the provider, and that no proxy strips the header.",
  ),
  signature_repeated: proof("The signature header occurs more than once.", "Look for a proxy that adds headers; a provider sends one."),
  signature_malformed: proof(
    "The signature is not in the form that the provider documents.",
    "Check that the URL names the right receiver.",
  ),
  signature_mismatch: proof("No secret matches the signature.", "The logged hint says which of secret, body and URL is the likely cause."),
  signed_part_missing: proof(
    "A header or parameter that the signature covers is absent.",
    "Check that no proxy strips the provider's headers.",
  ),
  timestamp_malformed: proof("The signed time is not a time in the provider's form.", "Check that the URL names the right receiver."),
  timestamp_too_old: proof(
    "The signed time lies further back than the tolerance.",
    "Check this machine's clock; a replayed request is refused by design.",
  ),
  timestamp_in_future: proof("The signed time lies ahead of this machine's clock.", "Check this machine's clock."),
  body_hash_mismatch: proof(
    "The hash of the body that the signature covers does not match the body.",
    "Something between the provider and this process rewrites bodies.",
  ),
  token_mismatch: proof(
    "The shared token or code is wrong.",
    "Compare the configured secret with the one in the URL or header at the provider.",
  ),
  claim_mismatch: proof(
    "The signed token is not for this endpoint: its issuer, audience or another claim is wrong.",
    "Compare the configured value with the one at the provider; the logged hint names the claim.",
  ),
  token_expired: proof(
    "The signed token is outside its own time of validity, or has none where one is required.",
    "Check this machine's clock; a replayed request is refused by design.",
  ),
  key_unknown: proof(
    "The provider's keys hold none that the request names, or the request names a place where keys must not come from.",
    "Check that the URL names the right receiver; a forged request looks like this.",
  ),
  verification_failed: proof(
    "The receiver's own check threw or returned nothing.",
    "Read the logged cause; the defect is in the receiver's declaration.",
  ),
  // Reading, after verification
  unsupported_media_type: request(
    415,
    "The receiver does not read this content type.",
    "Choose a content type at the provider that the receiver lists.",
  ),
  unsupported_encoding: request(
    415,
    "The content encoding is unknown, or more than one is applied.",
    "Send identity, gzip, deflate or br.",
  ),
  malformed_encoding: request(400, "The compressed body does not decompress.", "Look for a proxy that truncates or recompresses bodies."),
  malformed_body: request(
    400,
    "The body does not parse as the type that it says it is.",
    "Check the content type that is chosen at the provider.",
  ),
  hostile_body: request(
    400,
    "The body holds a key that could change object prototypes, or a DOCTYPE.",
    "Nothing to do: refused by design.",
  ),
  too_complex: request(
    400,
    "The body is nested deeper or has more keys than the limits allow.",
    "Raise `limits.maxDepth` or `limits.maxKeys`.",
  ),
  event_missing: request(
    400,
    "The delivery does not say what happened where the provider documents it.",
    "Check that the URL names the right receiver.",
  ),
  handshake_malformed: request(
    400,
    "A handshake request lacks the value to answer with, or it is too long.",
    "Start the set-up at the provider again.",
  ),
  handshake_refused: request(
    403,
    "A handshake request names another token, topic or origin than the configured one.",
    "Compare the receiver's settings with what is entered at the provider.",
  ),
  // Answers chosen by a handler
  delivery_rejected: request(
    400,
    "A handler threw `RejectDelivery`; the status is the one that it chose.",
    "Read the handler's message in the log.",
  ),
  // The application
  body_already_read: application(
    500,
    "Another middleware read the body before the receiver could.",
    "Mount `webhooks.routes()` before any body parser.",
  ),
  handler_failed: application(
    500,
    "A handler threw; later handlers did not run.",
    "Read the logged cause; the provider will deliver again.",
  ),
  handler_timeout: application(
    500,
    "A handler did not settle within its time limit.",
    "Move slow work into a `WebhookQueueHandler`, or raise the limit.",
  ),
  secrets_unavailable: application(
    503,
    "The source of secrets failed, hung or returned something unusable.",
    "Read the logged cause; the provider will deliver again.",
  ),
  keys_unavailable: application(
    503,
    "The provider's keys or certificates can be neither fetched nor served from the cache.",
    "Read the logged cause, and check that this machine may reach the provider; the provider will deliver again.",
  ),
  store_unavailable: application(
    503,
    "The store that remembers deliveries cannot be reached.",
    "Read the logged cause; the provider will deliver again.",
  ),
  queue_unavailable: application(503, "The job could not be stored durably.", "Read the logged cause; the provider will deliver again."),
  confirmation_failed: application(
    503,
    "The provider's confirmation URL could not be called.",
    "Read the logged cause; start the set-up at the provider again.",
  ),
  delivery_running: application(
    503,
    "Another copy of this delivery is still being handled.",
    "The provider delivers again and is then told the outcome.",
  ),
  delivery_conflict: application(
    0,
    "A delivery id came again with another body; the second was not run.",
    "Look at both deliveries at the provider; give `deduplicate` a function if ids repeat there.",
  ),
  unknown_handler: application(
    0,
    "A job names a queue handler that this process does not have.",
    "Deploy the handler, or purge its dead letters.",
  ),
  request_blocked: application(
    0,
    "An outgoing request was not made: its URL, address, port or headers are not allowed.",
    "Correct the URL; for a host in a private network list its addresses under `allow`.",
  ),
  request_failed: application(
    0,
    "An outgoing request brought no complete answer within its limits of time and size.",
    "Read the logged cause: the name, the connection or the certificate of the host is at fault, or it is too slow.",
  ),
  lease_lost: application(
    0,
    "A worker outlived its lease and another took the job over.",
    "Raise `worker.leaseMs` if the event loop stalls for that long.",
  ),
  draining: application(
    0,
    "The process is stopping, and the grace for running jobs is over.",
    "Nothing: the job runs again once its lease has run out.",
  ),
  // Start-up and operation
  invalid_options: configuration(
    "Options are wrong; the message lists every fault with its path.",
    "Correct the paths that the message names.",
  ),
  invalid_receiver: configuration("A receiver's declaration contradicts itself.", "Correct the member that the message names."),
  database_newer: configuration(
    "The database was written by a newer version of Hookwright.",
    "Run the newer version, or use another file.",
  ),
  package_missing: configuration(
    "An optional package that an option needs is not installed.",
    "Install the package that the message names.",
  ),
  unsupported: configuration(
    "The queue's engine cannot do what was asked of it.",
    "The page of the driver in `docs/queues/` lists what it can do; choose another engine, or do without.",
  ),
  closed: configuration("The queue, store or server was used after it had been closed.", "Start it again, or stop using it."),
} as const satisfies Record<string, ErrorCodeEntry>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;
