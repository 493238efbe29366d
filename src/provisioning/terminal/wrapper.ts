/**
 * The shell programs behind a terminal: POSIX sh and the `script` of util-linux, which makes the pty. What is typed goes
 * into a pipe, what is shown comes out into a file, so a session outlives every connection to it.
 *
 * One session has one folder, `<base>/<id>`: in (the pipe), out, pts, pid (of `script`), leader (of the shell), exit, base (how much of the output was dropped
 * from the front of `out`), seq (the last input taken).
 */

/** Stays with the session. Parameters: dir cols rows code; `code` is what to run in the pty, as shell text. */
export const RUNNER = `export GENTITY_DIR=$1 GENTITY_COLS=$2 GENTITY_ROWS=$3 GENTITY_CODE=$4
export SHELL=/bin/sh TERM="\${TERM:-xterm-256color}"
script -qefc 'stty sane rows "$GENTITY_ROWS" cols "$GENTITY_COLS"
echo "$$" >"$GENTITY_DIR/leader"
echo "$PPID" >"$GENTITY_DIR/pid"
tty >"$GENTITY_DIR/pts"
code=$GENTITY_CODE
unset GENTITY_DIR GENTITY_COLS GENTITY_ROWS GENTITY_CODE
eval "$code"' /dev/null 0<>"$1/in" >>"$1/out" 2>&1
echo "$?" >"$1/exit"
`;

/**
 * One call. Parameters: op id, then
 *   open    cols rows code runner     does nothing but look for a session that is there already
 *   io      offset limit hold seq input   takes the input once, then answers with what is shown from the offset on
 *   resize  cols rows
 *   close
 *
 * `input` is `t:` and text as it is, which costs no process, or `b:` and base64, or empty.
 */
export const WRAPPER = `op=$1 id=$2
shift 2
base=
for root in "\${TMPDIR:-/tmp}" "$HOME" /var/tmp; do
  [ -n "$root" ] || continue
  base=$root/.gentity/terminal
  [ ! -w "$base" ] || break
  if mkdir -p -m 700 "$base" 2>/dev/null && [ -w "$base" ]; then break; fi
  base=
done
if [ -z "$base" ]; then echo "gentity-tty/1 nowhere"; exit 0; fi
dir=$base/$id

say() {
  state=running code=-
  if [ -s "$dir/exit" ]; then state=exited; read -r code <"$dir/exit"; fi
  echo "gentity-tty/1 $state $code $((dropped + at)) $1"
}

measure() { size=$(stat -c %s "$dir/out" 2>/dev/null) || size=0; }

take() {
  last=0
  [ ! -s "$dir/seq" ] || read -r last <"$dir/seq"
  [ "$1" -gt "$last" ] || return 0
  echo "$1" >"$dir/seq"
  # Opened for both: a pipe nobody reads any more must not hold us.
  case $2 in
    t:*) printf %s "\${2#t:}" 1<>"$dir/in" ;;
    b:*) printf %s "\${2#b:}" | base64 -d 1<>"$dir/in" ;;
  esac
}

# Drops what was read from a file that grew large. The writer is held meanwhile, so that nothing falls in between.
rotate() {
  [ "$size" -gt 4194304 ] && [ "$at" = "$size" ] && read -r pid <"$dir/pid" || return 0
  kill -STOP "$pid" 2>/dev/null || return 0
  measure
  if [ "$at" = "$size" ]; then
    : >"$dir/out"
    dropped=$((dropped + size)) at=0 size=0
    echo "$dropped" >"$dir/base"
  fi
  kill -CONT "$pid"
}

show() { tail -c "+$((at + 1))" "$dir/out" | head -c "$limit" | base64; }

# GNU tail is told by the kernel when there is something; elsewhere one has to look.
await_output() {
  read -r pid <"$dir/pid"
  if [ -e "$base/gnu" ]; then
    timeout "$hold" tail -c "+$((at + 1))" -s 0.2 --pid="$pid" -f "$dir/out" 2>/dev/null |
      dd bs="$limit" count=1 2>/dev/null | base64
    return
  fi
  n=0
  while [ "$size" -le "$at" ] && [ ! -s "$dir/exit" ] && [ "$n" -lt $((hold * 10)) ]; do
    pause=0.1
    [ "$n" -gt 20 ] || pause=0.02
    sleep "$pause" 2>/dev/null || sleep 1
    n=$((n + 1))
    measure
  done
  [ "$size" -le "$at" ] || show
}

await_exit() {
  n=0
  while [ ! -s "$dir/exit" ] && [ "$n" -lt 25 ]; do sleep 0.04 2>/dev/null || sleep 1; n=$((n + 1)); done
}

case $op in
  open)
    if ! command -v script >/dev/null 2>&1; then echo "gentity-tty/1 unequipped"; exit 0; fi
    dropped=0 at=0
    if mkdir "$dir" 2>/dev/null; then
      tail --version 2>/dev/null | head -n 1 | { read -r line; [ "\${line#*GNU}" = "$line" ] || : >"$base/gnu"; }
      find "$base" -mindepth 2 -maxdepth 2 -name exit -mmin +60 2>/dev/null |
        while read -r file; do rm -rf "\${file%/*}"; done
      mkfifo "$dir/in"
      : >"$dir/out"
      # Without the shell's \`&\`, which would leave the session deaf to ^C.
      set -- -c "$4" gentity-tty "$dir" "$1" "$2" "$3"
      setsid -f /bin/sh "$@" </dev/null >/dev/null 2>&1 || {
        setsid /bin/sh "$@" </dev/null >/dev/null 2>&1 &
      }
    fi
    n=0
    while [ ! -s "$dir/pts" ] && [ ! -s "$dir/exit" ] && [ "$n" -lt 100 ]; do
      sleep 0.02 2>/dev/null || sleep 1
      n=$((n + 1))
    done
    say 0
    echo end
    ;;
  io)
    offset=$1 limit=$2 hold=$3
    if [ ! -s "$dir/pid" ]; then echo "gentity-tty/1 gone"; exit 0; fi
    [ "$4" = 0 ] || take "$4" "$5"
    dropped=0
    [ ! -s "$dir/base" ] || read -r dropped <"$dir/base"
    measure
    at=$((offset - dropped))
    [ "$at" -ge 0 ] || at=0
    [ "$at" -le "$size" ] || at=$size
    if [ "$4" != 0 ]; then
      # An echo comes at once or not at all.
      n=0
      while [ "$size" -le "$at" ] && [ "$n" -lt 8 ]; do measure; n=$((n + 1)); done
      say "$((dropped + size))"
      [ "$size" -le "$at" ] || show
    else
      rotate
      if [ "$size" -gt "$at" ]; then
        say "$((dropped + size))"
        show
      elif [ -s "$dir/exit" ] || [ "$hold" = 0 ]; then
        say "$((dropped + size))"
      else
        say 0
        await_output
      fi
    fi
    echo end
    ;;
  resize)
    dropped=0 at=0
    if read -r pts 2>/dev/null <"$dir/pts"; then stty -F "$pts" cols "$1" rows "$2" 2>/dev/null; fi
    say 0
    echo end
    ;;
  close)
    dropped=0 at=0
    if [ ! -s "$dir/exit" ] && read -r leader 2>/dev/null <"$dir/leader" && read -r pid 2>/dev/null <"$dir/pid"; then
      # What a terminal that goes away says. A shell that will not hear loses its pty.
      kill -HUP "$leader" 2>/dev/null
      await_exit
      [ -s "$dir/exit" ] || { kill -KILL "$pid" 2>/dev/null; await_exit; }
    fi
    say 0
    echo end
    ;;
esac
`;
