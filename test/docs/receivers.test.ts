import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { createWebhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { slack } from "hookwright/receivers/slack";
import { stripe } from "hookwright/receivers/stripe";
import { loadCatalogue } from "../receivers/catalogue.ts";
import { fencedBlocks } from "./pages.ts";

const catalogue = await loadCatalogue();

describe("docs/receiving.md", () => {
  const rows = tableRows("docs/receiving.md", 6);

  test.each(catalogue)("says of $slug whether it signs a time and sends a delivery id", ({ slug, receiver }) => {
    const [, , , time, , deliveryId] = rows.get(slug) ?? [];
    expect({ time, hasId: deliveryId !== "none" }).toEqual({
      time: receiver.verify.toleranceSeconds === undefined ? "no" : "yes",
      hasId: receiver.deliveryId !== undefined,
    });
  });
});

describe("docs/secrets.md", () => {
  const rows = tableRows("docs/secrets.md", 3);

  test.each(catalogue)("says how long a secret of $slug is", ({ slug, receiver }) => {
    const [min, max] = (rows.get(slug)?.[2]?.match(/[\d,]+\d/g) ?? []).map((number) => Number(number.replaceAll(",", "")));
    expect({ min, max: max ?? min }).toEqual(receiver.secretBytes);
  });

  test("shows the start-up errors as they are", () => {
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
});

/** The cells of every table row with so many columns whose first cell is one name in code, by that name. */
function tableRows(path: string, columns: number): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(path, "utf8").split("\n");
  const rows = lines
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((cells) => cells.length === columns);
  return new Map(rows.flatMap((cells) => (/^`[a-z0-9-]+`$/.test(cells[0] ?? "") ? [[(cells[0] ?? "").slice(1, -1), cells] as const] : [])));
}
