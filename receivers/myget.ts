import { answerWhen, defineReceiver, fixedAnswer, payloadTypes, token } from "../src/receiver/index.ts";

/**
 * MyGet: it signs nothing, so a secret of your own stands in the URL as `?code=…`. The event is the body's `PayloadType`. A ping
 * is answered and reaches no handler.
 */
export const myget = defineReceiver({
  name: "myget",
  title: "MyGet",
  docs: "https://docs.myget.org/docs/reference/webhooks",
  category: "source control and CI",
  confirmed: "documented",
  setup: "In the feed's settings under Web Hooks, add an HTTP POST hook with the URL and `?code=<secret>`, content type JSON.",
  secretName: "a secret of your own, which stands in the URL as `?code=…`",
  eventNames: "The body's `PayloadType`, such as `PackageAddedWebHookEventPayloadV1`.",
  notes: ["The proof says nothing about the body: ask the feed for the package before acting on it."],
  verify: token({ parameter: "code" }),
  secretBytes: { min: 32 },
  events: { body: "PayloadType" },
  deliveryId: { body: "Identifier" },
  sentAt: { from: { body: "When" }, unit: "iso" },
  account: { body: "Payload.FeedIdentifier" },
  handshakes: [answerWhen("PayloadType", "PingWebHookEventPayloadV1", () => fixedAnswer(200))],
  payloads: payloadTypes<MyGetPayloads>(),
});

/** What each event carries. */
export interface MyGetPayloads {
  PackageAddedWebHookEventPayloadV1: MyGetEvent<MyGetPackageAdded>;
  PackageDeletedWebHookEventPayloadV1: MyGetEvent<MyGetPackageDeleted>;
  PackageListedWebHookEventPayloadV1: MyGetEvent<MyGetPackageListed>;
  PackagePinnedWebHookEventPayloadV1: MyGetEvent<MyGetPackagePinned>;
  PackagePushedWebHookEventPayloadV1: MyGetEvent<MyGetPackagePushed>;
  BuildQueuedWebHookEventPayloadV1: MyGetEvent<MyGetBuild>;
  BuildStartedWebHookEventPayloadV1: MyGetEvent<MyGetBuild>;
  BuildFinishedWebHookEventPayloadV1: MyGetEvent<MyGetBuildFinished>;
  "*": MyGetEvent<unknown>;
}

/** An event, and who caused it. */
export interface MyGetEvent<Payload> {
  readonly Identifier: string;
  readonly Username: string;
  /** ISO 8601. */
  readonly When: string;
  readonly PayloadType: string;
  readonly Payload: Payload;
}

/** The feed that an event belongs to. */
export interface MyGetFeed {
  readonly FeedIdentifier: string;
  readonly FeedUrl: string;
}

/** A version of a package. */
export interface MyGetPackageVersion {
  /** `NuGet`, `Npm`, … */
  readonly PackageType: string;
  readonly PackageIdentifier: string;
  readonly PackageVersion: string;
}

export interface MyGetPackageDeleted extends MyGetFeed, MyGetPackageVersion {}

/** `Action` is `listed` or `unlisted`. */
export interface MyGetPackageListed extends MyGetFeed, MyGetPackageVersion {
  readonly Action: string;
}

/** `Action` is `pinned` or `unpinned`. */
export interface MyGetPackagePinned extends MyGetFeed, MyGetPackageVersion {
  readonly Action: string;
}

export interface MyGetPackageAdded extends MyGetFeed, MyGetPackageVersion {
  readonly PackageDetailsUrl: string;
  readonly PackageDownloadUrl: string;
  readonly PackageMetadata: MyGetPackageMetadata;
}

/** A package that was pushed on to another feed. */
export interface MyGetPackagePushed extends MyGetPackageAdded {
  readonly TargetPackageSourceName: string;
  readonly TargetPackageSourceUrl: string;
}

/** What the package says of itself. */
export interface MyGetPackageMetadata {
  readonly IconUrl: string | null;
  readonly Size: number;
  readonly Authors: string | null;
  readonly Description: string | null;
  readonly LicenseUrl: string | null;
  readonly LicenseNames: string | null;
  readonly ProjectUrl: string | null;
  readonly Tags: string | null;
  readonly MinClientVersion: string | null;
  readonly ReleaseNotes: string | null;
  readonly Dependencies: readonly MyGetPackage[];
}

/** A package that another needs, or that a build made. */
export interface MyGetPackage {
  readonly PackageType?: string;
  readonly PackageIdentifier: string;
  readonly PackageVersion: string;
  readonly TargetFramework: string | null;
}

/** A build that waits or runs. */
export interface MyGetBuild extends MyGetFeed {
  readonly Name: string;
  readonly Branch: string;
}

export interface MyGetBuildFinished extends MyGetBuild {
  /** `success` or `failed`. */
  readonly Result: string;
  readonly BuildLogUrl: string;
  readonly Packages: readonly MyGetPackage[];
}
