import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { createWebhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { slack } from "hookwright/receivers/slack";
import { stripe } from "hookwright/receivers/stripe";
import { fencedBlocks } from "./pages.ts";

test("docs/secrets.md shows the start-up errors as they are", () => {
  const secrets = {
    github: { default: "short", acme: '"a secret in quotes"' },
    stripe: undefined,
    slack: "a secret and a line break\n",
    gitub: "",
  };
  let message = "";
  try {
    createWebhooks({ receivers: [github, stripe, slack], secrets });
  } catch (error) {
    message = String(error);
  }
  expect(fencedBlocks(readFileSync("docs/secrets.md", "utf8"), "text").map((block) => block.trim())).toEqual([message]);
});
