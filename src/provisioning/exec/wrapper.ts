/**
 * The two shell programs behind exec. POSIX sh as dash, bash and busybox understand it, and the tools of a base image:
 * mkdir, mkfifo, sleep, stat, tail, head, base64, find; `setsid` where there is one. Everything they work on arrives as
 * positional parameters, so nothing is ever quoted. A process costs a millisecond or two, so builtins do what they can.
 *
 * One command has one folder, `<base>/<execId>`: in, out, err, started, pid, timeout, exit ("code uptime", written at
 * once: empty is not there yet), read (its result was handed out), wake.* (pipes of callers that wait for the exit).
 */

/**
 * Stays with the command until it ends. Parameters: dir seconds cwd count (NAME=value)×count argv…
 *
 * The command leads a session of its own, so that a timeout ends all of it. It runs in the foreground, because a shell
 * starts its background commands with SIGINT ignored.
 */
export const RUNNER = `dir=$1 seconds=$2
shift 2
session=setsid
command -v setsid >/dev/null 2>&1 || { session=; trap '' HUP; }
end_group() {
  read -r pid <"$dir/pid"
  # In this form alone all three shells take it: \`--\` is unknown to some.
  kill "-$1" "-$pid" 2>/dev/null || kill "-$1" "$pid" 2>/dev/null
}
watch=
if [ "$seconds" -gt 0 ]; then
  (
    trap 'kill "$!"; exit' TERM
    sleep "$seconds" &
    wait "$!"
    : >"$dir/timeout"
    end_group TERM
    sleep 2 &
    wait "$!"
    end_group KILL
  ) </dev/null >/dev/null 2>&1 &
  watch=$!
fi
read -r up _ </proc/uptime && echo "$up" >"$dir/started"
$session /bin/sh -c 'echo "$$" >"$1/pid"
cwd=$2 count=$3
shift 3
while [ "$count" -gt 0 ]; do export "$1"; shift; count=$((count - 1)); done
if [ -n "$cwd" ]; then cd "$cwd" || exit 126; fi
exec "$@"' sh "$dir" "$@" <"$dir/in" >"$dir/out" 2>"$dir/err"
code=$?
# The leader heeded the timeout; what it started may not have.
[ ! -e "$dir/timeout" ] || { read -r pid <"$dir/pid"; kill -KILL "-$pid" 2>/dev/null; }
read -r up _ </proc/uptime
echo "$code $up" >"$dir/exit"
# Opened for both, a pipe blocks nobody even when its reader is gone.
for pipe in "$dir"/wake.*; do [ -p "$pipe" ] && echo 1<>"$pipe"; done
[ -z "$watch" ] || kill "$watch" 2>/dev/null
[ $(($$ % 16)) -ne 0 ] ||
  find "\${dir%/*}" -mindepth 2 -maxdepth 2 \\( -name read -mmin +5 -o -name exit -mmin +1440 \\) 2>/dev/null |
  while read -r file; do rm -rf "\${file%/*}"; done
`;

/**
 * One call. Parameters: op id runner, then
 *   put     index data                  a part of the standard input, base64
 *   cancel  out err limit               ends the command, then answers as poll does
 *   poll    until hold out err limit    `until` is exit or output
 *   start   until hold out err limit age seconds cwd stdin count (NAME=value)×count argv…
 *
 * `start` starts the command unless its folder exists, which makes it the same as `poll`: called twice, it runs once.
 * `age` is how many seconds ago the first try was: a machine that has booted since may have run the command before, in
 * folders that the boot threw away, so it is not started there again.
 *
 * Answers a head line, both outputs from the given offsets on, and an end mark that shows the answer to be whole.
 */
export const WRAPPER = `op=$1 id=$2 runner=$3
shift 3
base=
for root in "\${TMPDIR:-/tmp}" "$HOME" /var/tmp; do
  [ -n "$root" ] || continue
  base=$root/.gentity/exec
  [ ! -w "$base" ] || break
  if mkdir -p -m 700 "$base" 2>/dev/null && [ -w "$base" ]; then break; fi
  base=
done
if [ -z "$base" ]; then echo "gentity-exec/1 nowhere"; exit 0; fi
dir=$base/$id

# Seconds since the machine's first process began; nothing where /proc does not tell.
first_process_age() {
  read -r up _ </proc/uptime || return
  read -r line </proc/1/stat || return
  set -- \${line##*) }
  echo $((\${up%.*} - \${20} / 100))
}

launch() {
  seconds=$1 cwd=$2 stdin=$3
  shift 3
  case $stdin in
    none) : >"$dir/in" ;;
    inline:*) printf %s "\${stdin#inline:}" | base64 -d >"$dir/in" ;;
    parts:*)
      i=0
      while [ "$i" -lt "\${stdin#parts:}" ]; do cat "$dir.in/$i"; i=$((i + 1)); done >"$dir/in"
      rm -rf "$dir.in"
      ;;
  esac
  : >"$dir/out"
  : >"$dir/err"
  # util-linux detaches without the shell's \`&\`, which would leave the command deaf to interrupts.
  setsid -f /bin/sh -c "$runner" gentity-run "$dir" "$seconds" "$cwd" "$@" </dev/null >/dev/null 2>&1 && return
  session=setsid
  command -v setsid >/dev/null 2>&1 || session=
  $session /bin/sh -c "$runner" gentity-run "$dir" "$seconds" "$cwd" "$@" </dev/null >/dev/null 2>&1 &
}

# Blocks until the exit or for so many seconds, without looking in between: the runner writes into the pipe, and the
# end of the sleep closes it.
wait_exit() {
  [ ! -s "$dir/exit" ] && [ "$1" -gt 0 ] || return 0
  pipe=$dir/wake.$$
  [ ! -e "$pipe" ] || rm -f "$pipe"
  if ! mkfifo "$pipe" 2>/dev/null; then
    n=$(($1 * 5))
    while [ ! -s "$dir/exit" ] && [ "$n" -gt 0 ]; do sleep 0.2 2>/dev/null || sleep 1; n=$((n - 1)); done
    return
  fi
  sleep "$1" 2>/dev/null </dev/null >"$pipe" &
  timer=$!
  [ -s "$dir/exit" ] || read -r _ <"$pipe"
  { kill "$timer"; wait "$timer"; } 2>/dev/null
}

sizes() {
  out_size=0 err_size=0
  [ -s "$dir/out" ] || [ -s "$dir/err" ] || return
  set -- $(stat -c %s "$dir/out" "$dir/err" 2>/dev/null)
  out_size=\${1:-0} err_size=\${2:-0}
}

# Nothing tells of new output, so this looks: often at first, while a person may be watching.
wait_output() {
  read -r up _ </proc/uptime
  end=$((\${up%.*} + $1))
  n=0
  while :; do
    [ ! -s "$dir/exit" ] || return
    sizes
    if [ "$out_size" -gt "$out" ] || [ "$err_size" -gt "$err" ]; then return; fi
    read -r up _ </proc/uptime
    [ "\${up%.*}" -lt "$end" ] || return
    n=$((n + 1))
    pause=0.2
    [ "$n" -gt 100 ] || pause=0.05
    [ "$n" -gt 20 ] || pause=0.02
    sleep "$pause" 2>/dev/null || sleep 1
  done
}

part() {
  if [ "$2" -le "$3" ]; then
    :
  elif [ "$state" = exited ] && [ "$3" = 0 ] && [ "$2" -le "$limit" ]; then
    base64 "$1"
  else
    tail -c "+$(($3 + 1))" "$1" | head -c "$limit" | base64
  fi
  echo .
}

report() {
  if [ ! -d "$dir" ]; then echo "gentity-exec/1 $1"; exit 0; fi
  state=running code=- ended=-
  if [ -s "$dir/exit" ]; then state=exited; read -r code ended <"$dir/exit"; fi
  began=-
  [ ! -e "$dir/started" ] || read -r began <"$dir/started"
  timed=0
  [ ! -e "$dir/timeout" ] || timed=1
  sizes
  echo "gentity-exec/1 $state $code $timed $began $ended $out_size $err_size"
  part "$dir/out" "$out_size" "$out"
  part "$dir/err" "$err_size" "$err"
  if [ "$state" = exited ] && [ $((out + limit)) -ge "$out_size" ] && [ $((err + limit)) -ge "$err_size" ]; then
    : >"$dir/read"
  fi
  echo end
}

end_group() { kill "-$1" "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null; }

case $op in
  put)
    mkdir -p "$dir.in" && printf %s "$2" | base64 -d >"$dir.in/$1.new" && mv "$dir.in/$1.new" "$dir.in/$1" || exit 1
    echo "gentity-exec/1 put"
    ;;
  cancel)
    out=$1 err=$2 limit=$3
    if [ -d "$dir" ]; then
      n=0
      while [ ! -s "$dir/pid" ] && [ "$n" -lt 50 ]; do sleep 0.05 2>/dev/null || sleep 1; n=$((n + 1)); done
      if [ ! -s "$dir/exit" ] && read -r pid <"$dir/pid"; then
        end_group TERM "$pid"
        wait_exit 2
        if [ ! -s "$dir/exit" ]; then end_group KILL "$pid"; wait_exit 2; fi
      fi
    fi
    report gone
    ;;
  *)
    until=$1 hold=$2 out=$3 err=$4 limit=$5
    shift 5
    absent=gone
    if [ "$op" = start ]; then
      age=$1
      shift
      first=
      [ "$age" = 0 ] || first=$(first_process_age 2>/dev/null)
      if [ -n "$first" ] && [ "$((first + 2))" -lt "$age" ]; then
        absent=rebooted
      elif mkdir "$dir" 2>/dev/null; then
        launch "$@"
      fi
    fi
    if [ -d "$dir" ]; then
      if [ "$until" = exit ]; then wait_exit "$hold"; else wait_output "$hold"; fi
    fi
    report "$absent"
    ;;
esac
`;
