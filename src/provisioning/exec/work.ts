/**
 * Whether a machine is at work, told by the machine itself: commands that were begun here, whoever began them may have gone
 * away, and a detached one has nobody at all; connections to its agent, since requests and WebSockets are handed through and
 * nobody outside sees them end; and what the agent says of itself.
 */
import type { ExecRequest, ExecResult, Outcome } from "../../providers/provider.ts";

const LOOK_SECONDS = 20;

/** An agent writes why into this file, and again before the minutes are over; what it left behind keeps nothing awake. */
export const BUSY_FILE = "/tmp/gentity-busy";
const BUSY_MINUTES = 10;
const REASON_MAX = 100;

/**
 * Parameter: the agent's port, or nothing. Goes through the folders that `wrapper.ts` describes: a command without an exit whose
 * process is there is at work. Then through the kernel's tables of connections: one to the agent's port that is there twice
 * counts, so that a short request, a check of its health say, does not. A proxy's pooled connection looks like a used
 * one until the proxy closes it; that delays sleep, and never brings it.
 */
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
if [ -n "$(find ${BUSY_FILE} -mmin -${BUSY_MINUTES} 2>/dev/null)" ]; then
  reason=
  read -r reason <${BUSY_FILE}
  echo "gentity-work/1 report $reason"
  exit 0
fi
ends() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while read -r _ here there state _; do
      [ "$state" = 01 ] || continue
      case " $ports " in *" \${here##*:} "*) echo "$there" ;; esac
    done <"$table"
  done
}
# Where a machine has no network of its own, its agent was told the port.
ports=
for port in "$1" "\${PORT:-}"; do
  case $port in '' | *[!0-9]*) ;; *) ports="$ports $(printf %04X "$port")" ;; esac
done
[ -z "$ports" ] || set -- $(ends)
open=0 before=" $* "
if [ -n "$ports" ] && [ "$#" -gt 0 ]; then
  sleep 1
  for there in $(ends); do
    case $before in *" $there "*) open=$((open + 1)) ;; esac
  done
fi
[ "$open" -eq 0 ] || { echo "gentity-work/1 open $open"; exit 0; }
echo "gentity-work/1 quiet"
`;

/** What is at work, for people; undefined: nothing. `port`: where the agent serves, if it does. */
export async function findWork(
  exec: (request: ExecRequest) => Promise<Outcome<ExecResult>>,
  port?: number,
): Promise<Outcome<string | undefined>> {
  const command = ["/bin/sh", "-c", LOOK, "gentity-work", port === undefined ? "" : String(port)];
  const outcome = await exec({ command, timeoutSeconds: LOOK_SECONDS });
  if (outcome.type !== "ok") {
    return outcome;
  }
  const { stdout, exitCode } = outcome.value;
  const [mark, state = "", ...rest] = stdout.trim().split(" ");
  const found = mark === "gentity-work/1" ? describeWork(state, rest) : undefined;
  if (found !== undefined) {
    return { type: "ok", value: found };
  }
  // Without a shell no command of ours can have been begun.
  const hasNoShell = exitCode === 126 || exitCode === 127;
  return (mark === "gentity-work/1" && state === "quiet") || hasNoShell
    ? { type: "ok", value: undefined }
    : { type: "unknown", cause: "The machine did not say what is at work in it" };
}

function describeWork(state: string, rest: string[]): string | undefined {
  switch (state) {
    case "busy":
      return `the command ${rest[0]} is running`;
    case "report":
      // The machine's own words, for people: no control characters, and not too many.
      return `the agent says: ${
        rest
          .join(" ")
          .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "")
          .slice(0, REASON_MAX) || "busy"
      }`;
    case "open":
      return rest[0] === "1"
        ? "1 connection to the agent is open"
        : `${rest[0]} connections to the agent are open`;
    default:
      return undefined;
  }
}
