/**
 * What stands in for the vendor's program inside a sandbox: POSIX sh, whatever runs the machine. Everything they work on
 * arrives as positional parameters. LOCALCLOUD_ROOT is set where a machine has no root of its own.
 */
const BASE = "base=$LOCALCLOUD_ROOT/var/lib/daytona";
const SESSION = `${BASE}; d=$base/sessions/$1`;

/** Exit codes of the scripts below that mean something. */
export const CODES = { exists: 17, noSession: 44, ended: 45, noCommand: 46 } as const;

/**
 * The sandbox's first process. Parameters: boot entrypoint…
 * It stays when the entrypoint has ended: a sandbox is up until somebody stops it.
 */
export const DAEMON = `${BASE}
boot=$1
shift
mkdir -p "$base"
rm -rf "$base/sessions"
child=
trap 'trap "" TERM INT; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null; wait; exit 0' TERM INT
if [ "$#" -gt 0 ]; then
  "$@" &
  child=$!
  wait "$child"
  echo "$?" >"$base/entrypoint.$boot"
fi
sleep infinity &
child=$!
wait`;

/** Parameters: boot. Prints the exit code, once there is one. */
export const ENTRYPOINT_CODE = `${BASE}; cat "$base/entrypoint.$1" 2>/dev/null; true`;

/** Parameters: session. A shell that takes its commands from a pipe: what one sets, the next one has. */
export const CREATE_SESSION = `${SESSION}
mkdir -p "$base/sessions"
mkdir -m 700 "$d" 2>/dev/null || exit ${CODES.exists}
mkfifo "$d/in" || exit 1
setsid /bin/sh -c 'echo "$$" >"$1/pid"; exec 3<>"$1/in"; exec /bin/sh <&3 3<&-' daytona-session "$d" </dev/null >/dev/null 2>&1 &
while [ ! -s "$d/pid" ]; do sleep 0.01; done`;

/** Parameters: session command; the text for the shell on standard input. */
export const SEND_COMMAND = `${SESSION}
[ -d "$d" ] || exit ${CODES.noSession}
kill -0 "$(cat "$d/pid")" 2>/dev/null || exit ${CODES.ended}
: >"$d/$2.out"
: >"$d/$2.err"
{ cat; echo "} </dev/null >'$d/$2.out' 2>'$d/$2.err'; echo \\$? >'$d/$2.new'; mv '$d/$2.new' '$d/$2.code'"; } >"$d/in"`;

/** Parameters: session command wait. Prints the exit code, or nothing while it runs; with \`wait\`, when it has ended. */
export const COMMAND_CODE = `${SESSION}
[ -d "$d" ] || exit ${CODES.noSession}
[ -e "$d/$2.out" ] || exit ${CODES.noCommand}
while [ ! -e "$d/$2.code" ]; do
  # Dead without a code: the command ended the session's shell itself.
  if ! kill -0 "$(cat "$d/pid")" 2>/dev/null; then [ -e "$d/$2.code" ] || exit ${CODES.ended}; fi
  [ "$3" = wait ] || exit 0
  sleep 0.05
done
cat "$d/$2.code"`;

/** Parameters: session command. Each output of the command on its own of this. */
export const COMMAND_LOGS = `${SESSION}
[ -d "$d" ] || exit ${CODES.noSession}
[ -e "$d/$2.out" ] || exit ${CODES.noCommand}
cat "$d/$2.out"
cat "$d/$2.err" >&2`;

/** Parameters: session. Ends what its shell started, but not what left it for a session of its own. */
export const DELETE_SESSION = `${SESSION}
[ -d "$d" ] || exit ${CODES.noSession}
read -r pid <"$d/pid"
kill -TERM "-$pid" 2>/dev/null
sleep 0.05
kill -KILL "-$pid" 2>/dev/null
rm -rf "$d"`;

/** Parameters: directory command (NAME=value)…; both outputs as one, in their order. */
export const EXECUTE = `exec 2>&1
if [ -n "$1" ]; then cd "$1" || exit 1; fi
command=$2
shift 2
exec env "$@" /bin/sh -c "$command"`;
