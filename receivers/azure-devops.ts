import { basic, defineReceiver, flagSetting, payloadTypes, token } from "../src/receiver/index.ts";

/** Azure DevOps service hooks: basic credentials, which prove nothing of the body. The event is the body's `eventType`. */
export const azureDevops = defineReceiver({
  name: "azure-devops",
  aliases: ["vsts"],
  title: "Azure DevOps",
  docs: "https://learn.microsoft.com/en-us/azure/devops/service-hooks/services/webhooks",
  category: "source control and CI",
  confirmed: "known",
  setup: "In the project's settings under Service hooks, add Web Hooks with the URL and basic credentials.",
  secretName: "user and password of your own, as `user:password`",
  eventNames: "The body's `eventType`, such as `git.push`, `build.complete` or `workitem.updated`.",
  notes: [
    "The proof says nothing about the body: ask Azure DevOps for the object before acting on it.",
    "An event has the same `id` for each subscription, so the subscription belongs to the delivery id.",
    "How much of the event is sent is chosen with the subscription: resource and messages may be left out.",
  ],
  settings: {
    legacyCode: flagSetting({ about: "Takes the secret as `?code=…` in the URL instead of basic credentials, as ASP.NET WebHooks did." }),
  },
  verify: ({ legacyCode }) => (legacyCode ? token({ parameter: "code" }) : basic()),
  events: { body: "eventType" },
  deliveryId: { joined: [{ body: "subscriptionId" }, { body: "id" }], separator: ":" },
  sentAt: { from: { body: "createdDate" }, unit: "iso" },
  account: { firstOf: [{ body: "resourceContainers.account.id" }, { body: "resourceContainers.collection.id" }] },
  payloads: payloadTypes<AzureDevopsPayloads>(),
});

/** What each event carries. */
export interface AzureDevopsPayloads {
  "workitem.created": AzureDevopsEvent<DevopsWorkItem>;
  "workitem.updated": AzureDevopsEvent<DevopsWorkItemUpdate>;
  "workitem.deleted": AzureDevopsEvent<DevopsWorkItem>;
  "workitem.restored": AzureDevopsEvent<DevopsWorkItem>;
  "workitem.commented": AzureDevopsEvent<DevopsWorkItem>;
  "message.posted": AzureDevopsEvent<DevopsRoomMessage>;
  "tfvc.checkin": AzureDevopsEvent<DevopsCheckin>;
  "build.complete": AzureDevopsEvent<DevopsBuild>;
  "git.push": AzureDevopsEvent<DevopsPush>;
  "git.pullrequest.created": AzureDevopsEvent<DevopsPullRequest>;
  "git.pullrequest.updated": AzureDevopsEvent<DevopsPullRequest>;
  "git.pullrequest.merged": AzureDevopsEvent<DevopsPullRequest>;
  "*": AzureDevopsEvent<unknown>;
}

/** An event, and the subscription that asked for it. Times are ISO 8601 throughout. */
export interface AzureDevopsEvent<Resource> {
  readonly subscriptionId: string;
  readonly notificationId: number;
  readonly id: string;
  readonly eventType: string;
  readonly publisherId: string;
  readonly message: DevopsMessage | null;
  readonly detailedMessage: DevopsMessage | null;
  readonly resource: Resource;
  readonly resourceVersion: string;
  readonly resourceContainers: {
    readonly collection?: DevopsContainer;
    readonly account?: DevopsContainer;
    readonly project?: DevopsContainer;
  };
  readonly createdDate: string;
}

/** The event in words. */
export interface DevopsMessage {
  readonly text: string;
  readonly html: string;
  readonly markdown: string;
}

export interface DevopsContainer {
  readonly id: string;
  readonly baseUrl?: string;
}

export interface DevopsLink {
  readonly href: string;
}

export type DevopsLinks = Readonly<Record<string, DevopsLink>>;

export interface DevopsUser {
  readonly id: string;
  readonly displayName: string;
  readonly uniqueName?: string;
  readonly url?: string;
  readonly imageUrl?: string;
}

/** Fields by their reference name, such as `System.Title`. Which there are, the process of the project decides. */
export interface DevopsFields {
  readonly "System.Title"?: string;
  readonly "System.State"?: string;
  readonly "System.Reason"?: string;
  readonly "System.WorkItemType"?: string;
  readonly "System.TeamProject"?: string;
  readonly "System.AreaPath"?: string;
  readonly "System.IterationPath"?: string;
  readonly "System.CreatedDate"?: string;
  readonly "System.ChangedDate"?: string;
  readonly "System.History"?: string;
  readonly [name: string]: unknown;
}

export interface DevopsWorkItem {
  readonly id: number;
  readonly rev: number;
  readonly fields: DevopsFields;
  readonly _links?: DevopsLinks;
  readonly url: string;
}

/** `fields` are those that changed; `revision` is the work item after it. */
export interface DevopsWorkItemUpdate {
  readonly id: number;
  readonly workItemId: number;
  readonly rev: number;
  readonly revisedBy: DevopsUser | null;
  readonly revisedDate: string;
  readonly fields?: Readonly<Record<string, DevopsFieldChange>>;
  readonly _links?: DevopsLinks;
  readonly url: string;
  readonly revision: DevopsWorkItem;
}

export interface DevopsFieldChange {
  readonly oldValue?: unknown;
  readonly newValue?: unknown;
}

export interface DevopsRoomMessage {
  readonly id: number;
  readonly content: string;
  readonly messageType: string;
  readonly postedTime: string;
  readonly postedRoomId: number;
  readonly postedBy: DevopsUser;
}

export interface DevopsCheckin {
  readonly changesetId: number;
  readonly url: string;
  readonly author: DevopsUser;
  readonly checkedInBy: DevopsUser;
  readonly createdDate: string;
  readonly comment: string;
}

/** A build. Which members there are depends on `resourceVersion`. */
export interface DevopsBuild {
  readonly id: number;
  readonly buildNumber: string;
  readonly uri: string;
  readonly url: string;
  readonly status: string;
  readonly result?: string;
  readonly reason: string;
  readonly startTime: string;
  readonly finishTime: string;
  readonly definition: { readonly id: number; readonly name: string; readonly url: string; readonly [name: string]: unknown };
  readonly queue?: { readonly id: number; readonly name: string; readonly url?: string; readonly queueType?: string };
  readonly drop?: { readonly location: string; readonly type: string; readonly url: string; readonly downloadUrl: string };
  readonly dropLocation?: string;
  readonly log?: { readonly type: string; readonly url: string; readonly downloadUrl?: string };
  readonly sourceGetVersion?: string;
  readonly lastChangedBy?: DevopsUser;
  readonly retainIndefinitely?: boolean;
  readonly hasDiagnostics?: boolean;
  readonly requests?: readonly { readonly id: number; readonly url: string; readonly requestedFor: DevopsUser }[];
}

export interface DevopsRepository {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly project: { readonly id: string; readonly name: string; readonly url?: string; readonly state?: string };
  readonly defaultBranch?: string;
  readonly remoteUrl?: string;
}

export interface DevopsCommit {
  readonly commitId: string;
  readonly author?: DevopsAuthor;
  readonly committer?: DevopsAuthor;
  readonly comment?: string;
  readonly url: string;
}

export interface DevopsAuthor {
  readonly name: string;
  readonly email: string;
  readonly date: string;
}

export interface DevopsPush {
  readonly commits?: readonly DevopsCommit[];
  readonly refUpdates: readonly { readonly name: string; readonly oldObjectId: string; readonly newObjectId: string }[];
  readonly repository: DevopsRepository;
  readonly pushedBy: DevopsUser;
  readonly pushId: number;
  readonly date: string;
  readonly url: string;
  readonly _links?: DevopsLinks;
}

export interface DevopsPullRequest {
  readonly repository: DevopsRepository;
  readonly pullRequestId: number;
  /** `active`, `completed` or `abandoned`. */
  readonly status: string;
  readonly createdBy: DevopsUser;
  readonly creationDate: string;
  readonly closedDate?: string;
  readonly title: string;
  readonly description?: string;
  readonly sourceRefName: string;
  readonly targetRefName: string;
  readonly mergeStatus?: string;
  readonly mergeId?: string;
  readonly lastMergeSourceCommit?: DevopsCommit;
  readonly lastMergeTargetCommit?: DevopsCommit;
  readonly lastMergeCommit?: DevopsCommit;
  readonly reviewers: readonly (DevopsUser & {
    readonly vote: number;
    readonly isContainer?: boolean;
    readonly reviewerUrl?: string | null;
  })[];
  readonly commits?: readonly DevopsCommit[];
  readonly url: string;
  readonly _links?: DevopsLinks;
}
