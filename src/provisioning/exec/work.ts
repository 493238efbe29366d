/**
 * Whether commands that were begun here still run in a machine, told by the machine itself: whoever began them may have gone
 * away, and a detached one has nobody at all.
 */
import type { ExecRequest, ExecResult, Outcome } from "../../providers/provider.ts";

const LOOK_SECONDS = 20;

/** Goes through the folders that `wrapper.ts` describes: a command without an exit whose process is there is at work. */
export const LOOK = `up=0 n=0
read -r up _ </proc/uptime
for root in "\${TMPDIR:-/tmp}" "$HOME" /var/tmp; do
  [ -n "$root" ] || continue
  for dir in "$root"/.gentity/exec/*/; do
    [ -d "$dir" ] && [ ! -s "\${dir}exit" ] || continue
    # One that is only just being begun has no number yet; what was never begun has none for ever.
    while [ ! -s "\${dir}pid" ] && [ "$n" -lt 40 ]; do sleep 0.05 2>/dev/null || sleep 1; n=$((n + 1)); done
    [ -s "\${dir}pid" ] && [ ! -s "\${dir}exit" ] || continue
    # Begun before the machine was: its number is somebody else's by now.
    began=0
    [ ! -s "\${dir}started" ] || read -r began <"\${dir}started"
    [ "\${began%.*}" -le "\${up%.*}" ] || continue
    read -r pid <"\${dir}pid"
    kill -0 "$pid" 2>/dev/null || continue
    dir=\${dir%/}
    echo "gentity-work/1 busy \${dir##*/}"
    exit 0
  done
done
echo "gentity-work/1 quiet"
`;

/** What is at work, for people; undefined: nothing of ours. */
export async function findWork(
  exec: (request: ExecRequest) => Promise<Outcome<ExecResult>>,
): Promise<Outcome<string | undefined>> {
  const command = ["/bin/sh", "-c", LOOK, "gentity-work"];
  const outcome = await exec({ command, timeoutSeconds: LOOK_SECONDS });
  if (outcome.type !== "ok") {
    return outcome;
  }
  const { stdout, exitCode } = outcome.value;
  const [mark, state, id] = stdout.trim().split(" ");
  if (mark === "gentity-work/1" && state === "busy") {
    return { type: "ok", value: `the command ${id} is running` };
  }
  // Without a shell no command of ours can have been begun.
  const hasNoShell = exitCode === 126 || exitCode === 127;
  return (mark === "gentity-work/1" && state === "quiet") || hasNoShell
    ? { type: "ok", value: undefined }
    : { type: "unknown", cause: "The machine did not say what is at work in it" };
}
