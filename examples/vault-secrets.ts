import { createWebhooks, type Logger, type SecretProvider, WebhookHandler, type Webhooks } from "hookwright";
import { github } from "hookwright/receivers/github";
import { stripe } from "hookwright/receivers/stripe";
import { container, inject, injectable } from "tsyringe";

/** Where the secrets are: a list per path, newest first, or nothing. */
export interface Vault {
  read(path: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

export const vaultToken = Symbol("Vault");

/** Asked for every delivery, so it remembers what the vault said for a minute. */
@injectable()
export class VaultSecrets implements SecretProvider {
  readonly #known = new Map<string, { readonly secrets: readonly string[] | undefined; readonly until: number }>();

  constructor(@inject(vaultToken) private readonly vault: Vault) {}

  async getSecrets(receiver: string, id: string): Promise<readonly string[] | undefined> {
    const path = `webhooks/${receiver}/${id}`;
    const known = this.#known.get(path);
    if (known && known.until > Date.now()) return known.secrets;
    const secrets = await this.vault.read(path, AbortSignal.timeout(2_000));
    // Ids come from URLs that anybody can make up, so what is remembered is bounded.
    if (this.#known.size >= 1_000) this.#known.clear();
    this.#known.set(path, { secrets, until: Date.now() + 60_000 });
    return secrets;
  }
}

class Done extends WebhookHandler {
  override execute(): void {}
}

export function createApp(vault: Vault, logger: Logger): Webhooks {
  const scope = container.createChildContainer();
  scope.registerInstance(vaultToken, vault);
  return createWebhooks({ container: scope, receivers: [github, stripe], handlers: [Done], secrets: VaultSecrets, logger });
}
