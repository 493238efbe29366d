#!/usr/bin/env bash
# A Docker engine of its own for the tests, with one small image made here: no registry is needed. Only root can start one.
#   engine.sh start DIR   prints the engine's address; says on stderr why there is none, and fails
#   engine.sh stop DIR    ends it and removes everything it kept
set -euo pipefail
verb=${1:?start or stop} dir=${2:?a folder of its own, with a short path}
socket=$dir/d.sock
export PATH=$PATH:/usr/sbin:/sbin

fail() {
  echo "no Docker engine for the tests: $1" >&2
  exit 1
}

# Busybox and the libraries it needs, if any: an image of two megabytes that has a shell and a web server.
make_root() {
  local root=$1 busybox
  busybox=$(command -v busybox) || fail "busybox is not installed"
  mkdir -p "$root"/{bin,etc,proc,root,srv,tmp,home/agent}
  chmod 1777 "$root/tmp"
  cp -L "$busybox" "$root/bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
  { ldd "$busybox" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
  printf 'root:x:0:0::/root:/bin/sh\nagent:x:1000:1000::/home/agent:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nagent:x:1000:\n' >"$root/etc/group"
  chown 1000:1000 "$root/home/agent"
  echo "the real image" >"$root/srv/index.html"
}

import_image() {
  local query="fromSrc=-&repo=gentity/test&tag=1" change
  for change in "ENV FROM_IMAGE=yes" "WORKDIR /srv" "USER agent" 'ENTRYPOINT ["/bin/sh","-c"]' \
    'CMD ["exec httpd -f -p 8080 -h /srv"]'; do
    query+="&changes=$(printf %s "$change" | sed 's/ /%20/g; s/"/%22/g; s/\[/%5B/g; s/\]/%5D/g')"
  done
  make_root "$dir/root"
  tar -C "$dir/root" -c . | curl -sSf --max-time 30 --unix-socket "$socket" -H 'content-type: application/x-tar' \
    --data-binary @- -o /dev/null "http://docker/images/create?$query"
}

start() {
  command -v dockerd >/dev/null || fail "dockerd is not installed (Debian: docker.io)"
  [ "$(id -u)" = 0 ] || fail "it takes root to start one"
  mkdir -p "$dir"
  # No default bridge: machines have a network of their own, and none is left on this computer afterwards.
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/d.pid" -H "unix://$socket" --bridge none \
    >"$dir/d.log" 2>&1 </dev/null &
  for _ in $(seq 60); do
    if curl -sf --max-time 2 --unix-socket "$socket" -o /dev/null http://docker/_ping; then
      if import_image; then
        echo "unix://$socket"
        return
      fi
      stop
      fail "the image could not be imported"
    fi
    sleep 0.5
  done
  tail -n 5 "$dir/d.log" >&2
  stop
  fail "dockerd does not answer"
}

stop() {
  local pid
  pid=$(cat "$dir/d.pid" 2>/dev/null) || pid=
  if [ -n "$pid" ] && kill "$pid" 2>/dev/null; then
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
}

case $verb in
  start) start ;;
  stop) stop ;;
  *) fail "unknown: $verb" ;;
esac
