import { describe, expect, it } from "@jest/globals";
import { InteractionResponseFlags, InteractionResponseType } from "discord-interactions";
import {
  discordChoices,
  discordDeferred,
  discordDeferredUpdate,
  discordModal,
  discordReply,
  discordUpdate,
} from "../../receivers/discord.ts";
import { responseFault } from "../../src/pipeline/response.ts";

const sent = (answer: { readonly body?: string | Uint8Array }) => JSON.parse(String(answer.body));
const nobody = { allowed_mentions: { parse: [] } };

describe("an answer to an interaction", () => {
  it("is JSON that can be sent", () => {
    const answer = discordReply("Größe");
    expect(responseFault(answer)).toBeUndefined();
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json; charset=utf-8" } });
  });

  it("is a message, which notifies nobody unless it says so", () => {
    const type = InteractionResponseType.CHANNEL_MESSAGE_WITH_SOURCE;
    expect(sent(discordReply("@everyone"))).toEqual({ type, data: { content: "@everyone", ...nobody } });
    const loud = { content: "@everyone", allowed_mentions: { parse: ["everyone"] } } as const;
    expect(sent(discordReply(loud))).toEqual({ type, data: loud });
  });

  it("can be for its user alone, beside other flags", () => {
    const flags = InteractionResponseFlags.EPHEMERAL;
    expect(sent(discordReply("x", { ephemeral: true })).data.flags).toBe(flags);
    expect(sent(discordReply({ content: "x", flags: 4 }, { ephemeral: true })).data.flags).toBe(flags | 4);
  });

  it("can come later", () => {
    expect(sent(discordDeferred())).toEqual({ type: InteractionResponseType.DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE });
    expect(sent(discordDeferred({ ephemeral: true }))).toEqual({ type: 5, data: { flags: 64 } });
    expect(sent(discordDeferredUpdate())).toEqual({ type: InteractionResponseType.DEFERRED_UPDATE_MESSAGE });
  });

  it("changes the message of a component", () => {
    expect(sent(discordUpdate({ content: "Done", components: [] }))).toEqual({
      type: InteractionResponseType.UPDATE_MESSAGE,
      data: { content: "Done", components: [], ...nobody },
    });
  });

  it("suggests at most 25 choices", () => {
    const choices = Array.from({ length: 30 }, (_, value) => ({ name: `n${value}`, value }));
    expect(sent(discordChoices(choices))).toEqual({
      type: InteractionResponseType.APPLICATION_COMMAND_AUTOCOMPLETE_RESULT,
      data: { choices: choices.slice(0, 25) },
    });
  });

  it("opens a form", () => {
    const modal = { custom_id: "order", title: "Order", components: [{ type: 18 }] };
    expect(sent(discordModal(modal))).toEqual({ type: InteractionResponseType.MODAL, data: modal });
  });
});
