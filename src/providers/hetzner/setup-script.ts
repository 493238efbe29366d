/**
 * What a new server does once, after its packages are there, as a POSIX shell script. All its own paths begin with
 * `GENTITY_ROOT`, which is empty on a real server and a folder where servers are played on somebody's own computer.
 */

export interface SetupValues {
  /** Without a slash at its end. */
  controlUrl: string;
  hostProgramSha256: string;
  /** The vendor's id of the volume, or null for a server without one. */
  volume: string | null;
}

/**
 * The vendor's own package by its digest. Its repository was not used: it serves the newest version only, and what runs as the
 * door to every instance should be the version that was tried.
 */
export const CLOUDFLARED = {
  version: "2026.9.3",
  url: "https://github.com/cloudflare/cloudflared/releases/download/2026.9.3/cloudflared-linux-amd64.deb",
  sha256: "bc073ef293d504cf5ac533bd0aa1c824ef6b4f358765ccaa6628a8a95cacb4b7",
} as const;

/** Where the volume is mounted, and the part of it that the agent sees: the file system's own folder stays ours. */
export const MOUNT = { path: "/mnt/gentity", data: "/mnt/gentity/data" } as const;

export function renderSetupScript({ controlUrl, hostProgramSha256, volume }: SetupValues): string {
  return `#!/bin/sh
# Makes this server the home of one agent. Runs at first boot, and may run again.
set -eu
ROOT="\${GENTITY_ROOT:-}"
CONTROL_URL=${quote(controlUrl)}
HOST_SHA256=${quote(hostProgramSha256)}
VOLUME=${quote(volume ?? "")}
CLOUDFLARED_URL=${quote(CLOUDFLARED.url)}
CLOUDFLARED_SHA256=${quote(CLOUDFLARED.sha256)}

fail() {
  printf 'gentity: %s\\n' "$1" >&2
  exit 1
}

# Nothing that was not checked ever gets its final name.
download() {
  curl -fsSL --retry 60 --retry-delay 2 --retry-all-errors --connect-timeout 10 -o "$3.part" "$1" ||
    fail "cannot download $1"
  printf '%s  %s\\n' "$2" "$3.part" | sha256sum -c - >/dev/null || fail "$1 is not what was expected"
  mv "$3.part" "$3"
}

# By its id: a disk in its place would be somebody else's data.
mount_volume() {
  device="/dev/disk/by-id/scsi-0HC_Volume_$VOLUME"
  waited=0
  until [ -b "$device" ]; do
    [ "$waited" -lt 180 ] || fail "the volume $VOLUME does not appear"
    sleep 1
    waited=$((waited + 1))
  done
  mkdir -p ${MOUNT.path}
  grep -q "^$device " /etc/fstab ||
    printf '%s ${MOUNT.path} ext4 discard,nofail,defaults 0 2\\n' "$device" >>/etc/fstab
  systemctl daemon-reload
  mountpoint -q ${MOUNT.path} || mount ${MOUNT.path}
}

install_cloudflared() {
  if command -v cloudflared >/dev/null 2>&1; then return 0; fi
  package="$ROOT/var/lib/gentity/cloudflared.deb"
  download "$CLOUDFLARED_URL" "$CLOUDFLARED_SHA256" "$package"
  dpkg -i "$package"
  rm -f "$package"
}

mkdir -p "$ROOT/opt/gentity" "$ROOT/var/lib/gentity"
chmod 0700 "$ROOT/var/lib/gentity"
if [ -n "$VOLUME" ] && [ -z "$ROOT" ]; then mount_volume; fi
mkdir -p "$ROOT${MOUNT.data}"
install_cloudflared
download "$CONTROL_URL/host/$HOST_SHA256.mjs" "$HOST_SHA256" "$ROOT/opt/gentity/host.mjs"
systemctl daemon-reload
systemctl enable --now gentity-host.service
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
