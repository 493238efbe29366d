/**
 * What runs first in a machine whose recipe has files or a user: POSIX sh, nothing but what a base image has. All it
 * works on arrives as positional parameters, so nothing needs quoting.
 *
 *   uid gid data workdir count (path mode policy)×count -- command…
 *
 * `policy` is `keep` for a file that is written only when absent, and `keep:<edition>` for one that is also written when
 * another edition, or none, was written before. File number i lies ready at `STAGE_DIR/i`.
 */
export const STAGE_DIR = "/.gentity/files";

export const BOOT_SCRIPT = `uid=$1 gid=$2 data=$3 workdir=$4 count=$5
shift 5
stage=\${GENTITY_STAGE_DIR:-${STAGE_DIR}}
root=
[ "$(id -u)" = 0 ] && root=yes
fail() { echo "gentity: $*" >&2; exit 1; }
own() { if [ -n "$root" ] && [ -n "$uid" ]; then chown "$uid:$gid" "$1"; fi; }
# Makes missing folders one by one, so that each belongs to the agent.
folder() { if [ ! -d "$1" ]; then folder "$(dirname "$1")"; mkdir "$1" && own "$1"; fi; }

if [ -n "$data" ]; then
  mkdir -p "$data" || fail "cannot make the data folder $data"
  # A fresh volume belongs to root. One that has its owner is left alone: a big one would delay every start.
  if [ -n "$root" ] && [ -n "$uid" ] && [ "$(stat -c %u "$data")" != "$uid" ]; then
    chown -R "$uid:$gid" "$data" || fail "cannot give $data to $uid:$gid"
  fi
fi

i=0
while [ "$i" -lt "$count" ]; do
  path=$1 mode=$2 policy=$3
  shift 3
  edition=
  case $policy in
    keep:*)
      edition=\${policy#keep:} policy=keep
      [ "$(cat "$path.gentity-edition" 2>/dev/null)" = "$edition" ] || policy=write
      ;;
  esac
  if [ "$policy" != keep ] || [ ! -e "$path" ]; then
    folder "$(dirname "$path")"
    # Moved into place whole: a first-boot file cut short by a crash would be kept for ever.
    { cp "$stage/$i" "$path.gentity-new" && chmod "$mode" "$path.gentity-new" &&
      own "$path.gentity-new" && mv -f "$path.gentity-new" "$path"; } || fail "cannot write $path"
    # Last: cut off before it, the file is written again.
    if [ -n "$edition" ]; then echo "$edition" >"$path.gentity-edition" && own "$path.gentity-edition"; fi
  fi
  i=$((i + 1))
done
shift

if [ -n "$workdir" ]; then folder "$workdir"; cd "$workdir" || fail "cannot enter $workdir"; fi
unset GENTITY_STAGE_DIR
if [ -n "$root" ] && [ -n "$uid" ] && [ "$uid" != 0 ]; then
  name= home=
  while IFS=: read -r entry _ id _ _ folder _; do
    if [ "$id" = "$uid" ]; then name=$entry home=$folder; break; fi
  done </etc/passwd
  # Root's home is of no use to the agent; one that the recipe names stays.
  if [ -z "$HOME" ] || [ "$HOME" = /root ] || [ "$HOME" = / ]; then export HOME="\${home:-/}"; fi
  if setpriv --reuid "$uid" --regid "$gid" --clear-groups /bin/sh -c : 2>/dev/null; then
    exec setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@"
  fi
  if command -v gosu >/dev/null 2>&1; then exec gosu "$uid:$gid" "$@"; fi
  if command -v su-exec >/dev/null 2>&1; then exec su-exec "$uid:$gid" "$@"; fi
  if [ -n "$name" ] && command -v su >/dev/null 2>&1; then
    # Whether \`--\` reaches the shell depends on the C library's way with options; the mark is there either way.
    exec su -m -s /bin/sh "$name" -c '[ "$1" != gentity-agent ] || shift; exec "$@"' -- gentity-agent "$@"
  fi
  echo "gentity: no way to become $uid:$gid here, going on as root" >&2
fi
exec "$@"
`;
