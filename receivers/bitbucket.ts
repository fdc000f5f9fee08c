import { defineReceiver, flagSetting, hmac, payloadTypes, token } from "../src/receiver/index.ts";

/** Bitbucket Cloud: HMAC-SHA256 of the body in `X-Hub-Signature`. The event is `X-Event-Key`, such as `repo:push`. */
export const bitbucket = defineReceiver({
  name: "bitbucket",
  title: "Bitbucket Cloud",
  docs: "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
  category: "source control and CI",
  confirmed: ["vector", "verifier"],
  setup: "Under the repository's or workspace's settings, Webhooks, add the URL and enter a secret.",
  secretName: "the webhook's secret",
  eventNames: "`X-Event-Key`, such as `repo:push`, `pullrequest:created` or `issue:updated`.",
  notes: [
    "Bitbucket signs only where a secret is entered; a webhook without one is refused.",
    "`X-Event-Key` and `X-Request-UUID` are not signed.",
    "The number of the retry is `X-Attempt-Number`, which counts from 1.",
  ],
  settings: {
    legacyCode: flagSetting({
      about:
        "Takes the secret as `?code=…` in the URL instead of a signature, for webhooks without a secret. It proves nothing of the body.",
    }),
  },
  verify: ({ legacyCode }) =>
    legacyCode ? token({ parameter: "code" }) : hmac({ header: "X-Hub-Signature", signature: { form: "whole", prefix: "sha256=" } }),
  events: { header: "X-Event-Key" },
  deliveryId: { header: "X-Request-UUID" },
  retryNumber: { header: "X-Attempt-Number" },
  account: { body: "repository.workspace.slug" },
  safeHeaders: ["X-Hook-UUID"],
  timeLimitMs: 10_000,
  payloads: payloadTypes<{ "repo:push": BitbucketPush }>(),
});

/** What `repo:push` carries. The other events share its parts. */
export interface BitbucketPush {
  readonly actor: BitbucketUser;
  readonly repository: BitbucketRepository;
  readonly push: { readonly changes: readonly { readonly new: BitbucketReference | null; readonly old: BitbucketReference | null }[] };
}

/** A branch or tag, and the commit that it points to. */
export interface BitbucketReference {
  readonly type: string;
  readonly name: string;
  readonly target: BitbucketTarget;
  readonly links?: BitbucketLinks;
}

/** A commit. */
export interface BitbucketTarget extends BitbucketParent {
  readonly message: string;
  readonly date: string;
  readonly author: BitbucketAuthor;
  readonly parents: readonly BitbucketParent[];
}

/** A commit that another one builds on. */
export interface BitbucketParent {
  readonly type: string;
  readonly hash: string;
  readonly links?: BitbucketLinks;
}

/** Who wrote a commit: name and address as in the commit, and the user if there is one. */
export interface BitbucketAuthor {
  readonly raw: string;
  readonly user?: BitbucketUser;
}

/** A user, team or app. */
export interface BitbucketUser {
  readonly type: string;
  readonly display_name: string;
  readonly uuid: string;
  readonly nickname?: string;
  readonly account_id?: string;
  readonly links?: BitbucketLinks;
}

/** A repository, as every payload carries it. */
export interface BitbucketRepository {
  readonly type: string;
  readonly name: string;
  readonly full_name: string;
  readonly uuid: string;
  readonly is_private?: boolean;
  readonly links?: BitbucketLinks;
}

/** Links by what they lead to: `self`, `html`, `avatar`, … */
export type BitbucketLinks = Readonly<Record<string, BitbucketLink>>;

/** Where a link leads. */
export interface BitbucketLink {
  readonly href: string;
}
