// A queue of Amazon SQS in a process of its own, so that others can share it. While it is told that it is down, it refuses every request.
import { startSqsServer } from "../../support/sqs-server.ts";
import { say, told } from "./child.ts";

const server = await startSqsServer();
let isDown = false;
server.fail = () => (isDown ? { code: "ServiceUnavailable", status: 503 } : undefined);
void told("end").then(async () => {
  say("faults", ...server.wireFaults.map((fault) => fault.replaceAll(/\s/g, "_")));
  await server.close();
  process.exit();
});
say("listens", server.url);
for (;;) {
  await told("down");
  isDown = true;
  say("isDown");
  await told("up");
  isDown = false;
  say("isUp");
}
