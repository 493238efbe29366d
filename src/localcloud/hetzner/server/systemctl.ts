/** Runs on a server in `systemctl`'s place, and asks the local cloud, which is the server's process 1. */
import { connect } from "node:net";
import { createInterface } from "node:readline";

const socket = connect(process.env.GENTITY_INIT_SOCKET ?? "");
socket.once("error", (error) => {
  process.stderr.write(`Failed to connect to bus: ${error.message}\n`);
  process.exitCode = 1;
});
socket.write(`${JSON.stringify(process.argv.slice(2))}\n`);
createInterface({ input: socket }).once("line", (line) => {
  const { code, output } = JSON.parse(line) as { code: number; output: string };
  process.stdout.write(output);
  process.exitCode = code;
  socket.end();
});
