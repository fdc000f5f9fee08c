import type { WebhooksOptions } from "hookwright";
import { ConfigurationError, createWebhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { silentLogger } from "../../src/logger.ts";
import { secret } from "./harness.ts";

/** The paths that `createWebhooks` complains about, in order. */
export function faultPathsOf(options: object): readonly string[] {
  return messageOf(options)
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/^ {2}- /, "").replace(/: .*/s, ""));
}

/** The message of the error that `createWebhooks` throws; empty if it throws none. */
export function messageOf(options: object): string {
  try {
    createWebhooks({ receivers: [github], secrets: { github: secret }, logger: silentLogger, ...options } as WebhooksOptions);
    return "";
  } catch (error) {
    if (!(error instanceof ConfigurationError) || error.code !== "invalid_options") throw error;
    return error.message;
  }
}
