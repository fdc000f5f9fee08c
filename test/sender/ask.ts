// Asks a server of this machine over https and prints the code of the failure, or the status.
import { createGuardedClient } from "../../src/sender/guarded-client.ts";

const port = Number(process.argv[2]);
const client = createGuardedClient({ allow: ["127.0.0.1/32"], ports: [port] });
console.log(
  await client.request({ url: `https://127.0.0.1:${port}/` }).then(
    ({ status }) => status,
    (error) => error.cause.code,
  ),
);
