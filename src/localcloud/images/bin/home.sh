# To be sourced. An image brings the home folder of its user; a machine here has none, and agents write to it.
if [ -n "$HOME" ] && ! { mkdir -p "$HOME" && [ -w "$HOME" ]; } 2>/dev/null; then
  HOME=${TMPDIR:-/tmp}/home-$(id -u)
  export HOME
  mkdir -p -m 700 "$HOME"
fi
