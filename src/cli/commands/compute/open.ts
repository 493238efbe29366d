import { spawn } from "node:child_process";
import { defineCommand } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Open an instance in the browser",
  details:
    "Prints the URL where there is no terminal to open a browser from. Anyone who has the URL can use the instance, unless its access " +
    "says otherwise; one of access signed is opened by a link that ends after an hour.",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: { print: { type: "flag", describe: "print the URL, open nothing" } },
  async run({ client, out, signal }, { args, options }) {
    const api = await client();
    const instance = await api.instances.get(args.id, { signal });
    if (instance.exposure === "private") {
      throw new CliError("This is a workspace's body: it has no address.", {
        exitCode: EXIT.conflict,
        next: [`gentity compute ssh ${instance.id}`],
      });
    }
    const url =
      instance.access === "signed"
        ? (await api.instances.createLink(instance.id, {}, { signal })).url
        : (instance.url ?? urlBeside(api.baseUrl, instance.subdomain));
    if (instance.access === "token")
      out.note("Its access is token: a browser cannot show one, so it is refused.");
    if (out.json) {
      out.document({ id: instance.id, url });
      return EXIT.ok;
    }
    if (instance.status !== "running") out.note(`It is ${instance.status} at the moment.`);
    if (options.print || !out.stdout.isTTY || !(await openBrowser(url))) out.line(url);
    else out.note(`Opening ${url}`);
    return EXIT.ok;
  },
});

/** Instances live under the name the API has, where the API does not say. */
function urlBeside(apiUrl: string, subdomain: string): string {
  const { protocol, host } = new URL(apiUrl);
  return `${protocol}//${subdomain}.${host}/`;
}

/** Whether the system took the URL. No shell is involved: the URL is not ours. */
function openBrowser(url: string): Promise<boolean> {
  if (!/^https?:\/\//.test(url)) throw new CliError(`Not a web address: ${url}`);
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler"]
        : ["xdg-open"];
  return new Promise((resolve) => {
    const child = spawn(command as string, [...args, url], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
