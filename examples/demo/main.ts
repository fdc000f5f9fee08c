import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "hookwright";
import { runDemo } from "./demo.ts";
import { demoSecrets } from "./requests.ts";

const directory = mkdtempSync(join(tmpdir(), "hookwright-demo-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

const port = Number(process.env["PORT"] ?? 3000);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`PORT takes a number from 0 to 65535, not "${process.env["PORT"]}".`);
  process.exit(2);
}

try {
  const server = await runDemo({
    port,
    database: join(directory, "hookwright.db"),
    logger: createLogger("warn"),
    write: (line) => console.log(line),
  });
  const url = `${server.url}/api/webhooks/incoming/github`;
  console.log(`
The app stays up. Try it yourself (Ctrl+C stops it):

  # A push of your own, signed as GitHub signs: 200
  body='{"ref":"refs/heads/main","repository":{"full_name":"me/mine"}}'
  signature=$(printf %s "$body" | openssl dgst -sha256 -hmac '${demoSecrets.github}' -r | cut -d' ' -f1)
  curl -i ${url} -H 'content-type: application/json' -H 'x-github-event: push' \\
    -H "x-github-delivery: $(date +%s)" -H "x-hub-signature-256: sha256=$signature" -d "$body"

  # The same to a retired id: 410
  curl -i ${url}/old-shop -H 'content-type: application/json' -H 'x-github-event: push' \\
    -H "x-github-delivery: $(date +%s)" -H "x-hub-signature-256: sha256=$signature" -d "$body"

  # Forged: 401, and a log line here that says why
  curl -i ${url} -H 'content-type: application/json' -H 'x-github-event: push' \\
    -H 'x-hub-signature-256: sha256=0000000000000000000000000000000000000000000000000000000000000000' -d "$body"

Ready on ${server.url}`);
} catch (error) {
  const busy = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  console.error(busy ? `Port ${port} is in use. Choose another: PORT=3001 npm start` : error);
  process.exit(1);
}
