// Compiled by `npm run types`: each `@ts-expect-error` is a test that fails once the line compiles.
import type { AppMentionEvent } from "@slack/types";
import type { azureDevops } from "../../receivers/azure-devops.ts";
import type { AzureAlertNotification, AzureCommonAlert, azureMonitor } from "../../receivers/azure-monitor.ts";
import type { CustomNotifications, custom } from "../../receivers/custom.ts";
import { discord } from "../../receivers/discord.ts";
import { github } from "../../receivers/github.ts";
import type { KuduNotification, kudu } from "../../receivers/kudu.ts";
import type { myget } from "../../receivers/myget.ts";
import type { SalesforceMessage, salesforce } from "../../receivers/salesforce.ts";
import { slack, slackSlashReply } from "../../receivers/slack.ts";
import { stripe } from "../../receivers/stripe.ts";
import type { TwilioRequest, twilio } from "../../receivers/twilio.ts";
import { type ContextOf, type DataOf, handler, WebhookHandler } from "../../src/index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_equal: Equal<A, B>): void => {};
/** `any` would pass for `unknown` above. */
const untyped = <T>(_isUnknown: 0 extends 1 & T ? false : unknown extends T ? true : false): void => {};

@handler({ receiver: github, events: ["issues.opened"] })
export class IssueOpened extends WebhookHandler {
  execute(context: ContextOf<typeof github, "issues.opened">): void {
    const title: string = context.data.issue.title;
    same<typeof context.data.action, "opened">(true);
    // @ts-expect-error an issue that is opened has no changes to its title
    context.data.changes.title;
    void title;
  }
}
same<DataOf<typeof github, "issues">["action"] extends string ? true : false, true>(true);
same<Extract<DataOf<typeof github, "issues.*">["action"], "closed">, "closed">(true);
same<DataOf<typeof github, "push">["ref"], string>(true);
untyped<DataOf<typeof github, "unheard_of">>(true);
untyped<DataOf<typeof github, "unheard_of.*">>(true);
untyped<DataOf<typeof slack, "unheard_of.*">>(true);

@handler({ receiver: stripe, events: ["invoice.paid"] })
export class InvoicePaid extends WebhookHandler {
  execute(context: ContextOf<typeof stripe, "invoice.paid">): void {
    const paid: number = context.data.data.object.amount_paid;
    same<typeof context.data.type, "invoice.paid">(true);
    // @ts-expect-error an invoice has no name
    context.data.data.object.name;
    void paid;
  }
}
same<Extract<DataOf<typeof stripe, "customer.*">["type"], "customer.created">, "customer.created">(true);

@handler({ receiver: slack, events: ["app_mention"] })
export class Mentioned extends WebhookHandler {
  execute(context: ContextOf<typeof slack, "app_mention">): void {
    same<typeof context.data.event, AppMentionEvent>(true);
    const channel: string = context.data.event.channel;
    void channel;
  }
}

@handler({ receiver: slack, events: ["/weather"] })
export class Weather extends WebhookHandler {
  execute(context: ContextOf<typeof slack, "/weather">): void {
    context.response = slackSlashReply({ text: context.data.text, response_type: "in_channel" });
    // @ts-expect-error a command is not an event
    context.data.event;
  }
}

@handler({ receiver: discord, events: ["application_command.search"] })
export class Search extends WebhookHandler {
  execute(context: ContextOf<typeof discord, "application_command.search">): void {
    same<typeof context.data.data.name, string>(true);
  }
}

same<DataOf<typeof azureDevops, "git.push">["resource"]["refUpdates"][number]["name"], string>(true);
same<DataOf<typeof azureDevops, "workitem.updated">["resource"]["revision"]["rev"], number>(true);
untyped<DataOf<typeof azureDevops, "ms.vss-release.release-created-event">["resource"]>(true);
untyped<DataOf<typeof azureDevops, "ms.vss-release.*">["resource"]>(true);
same<DataOf<typeof myget, "BuildFinishedWebHookEventPayloadV1">["Payload"]["BuildLogUrl"], string>(true);
same<DataOf<typeof azureMonitor, "Fired">, AzureCommonAlert>(true);
same<DataOf<typeof azureMonitor, "Fired.*">, AzureCommonAlert>(true);
same<DataOf<typeof azureMonitor, "HenriknTest02">, AzureCommonAlert | AzureAlertNotification>(true);
same<DataOf<typeof kudu, "success">, KuduNotification>(true);
same<DataOf<typeof salesforce, "Contact">, SalesforceMessage>(true);
same<DataOf<typeof custom, "order.paid">, CustomNotifications>(true);
same<DataOf<typeof twilio, "ringing">, TwilioRequest>(true);
