/**
 * What is laid into the Debian root before it becomes a disk. Everything here is the test's own, and no part of what a server is
 * told: a network, a door for the test, and stand-ins for what takes the internet.
 */

export const DEBIAN = "bookworm";

/** What a vendor's image has, and what `packages:` asks for, which is so found installed. */
export const PACKAGES = [
  ...[
    "systemd",
    "systemd-sysv",
    "udev",
    "dbus",
    "linux-image-amd64",
    "ifupdown",
    "isc-dhcp-client",
    "iproute2",
  ],
  ...["procps", "apparmor", "cloud-init", "python3-cffi-backend", "busybox-static", "iptables"],
  ...["docker.io", "nodejs", "ca-certificates", "curl", "nftables"],
];

/** Where the disk with the stand-ins is mounted, and by which name it is found. */
export const STAND_INS = { path: "/opt/stand-ins", label: "stand-ins" } as const;

/** The test's door: a serial port, so that the machine listens on none for it. */
export const SHELL_PORT = "gentity.test";

/** The real one has mirrors; this one is asked for nothing that it does not have already. */
const CLOUD_CONFIG = `datasource_list: [NoCloud]
network: {config: disabled}
apt: {preserve_sources_list: true}
locale: C.UTF-8
`;

const INTERFACES = `auto lo
iface lo inet loopback
auto eth0
iface eth0 inet dhcp
`;

/** Each line is a number and a command in base64; the answer is the number, the exit code, and the output in base64. */
const SHELL = `#!/bin/sh
exec 3<>/dev/virtio-ports/${SHELL_PORT}
while :; do
  if read -r id command <&3; then
    code=0
    printf %s "$command" | base64 -d >/run/test-command
    sh /run/test-command >/run/test-output 2>&1 </dev/null 3>&- || code=$?
    printf '%s %s %s\\n' "$id" "$code" "$(base64 -w 0 /run/test-output)" >&3
  else
    sleep 1
  fi
done
`;

const SHELL_UNIT = `[Unit]
Description=The test's door
ConditionPathExists=/dev/virtio-ports/${SHELL_PORT}
After=systemd-udev-settle.service
Wants=systemd-udev-settle.service

[Service]
ExecStart=/bin/sh /usr/local/sbin/test-shell
Restart=always

[Install]
WantedBy=multi-user.target
`;

const STAND_INS_UNIT = `[Unit]
Description=Stand-ins for what takes the internet
Wants=docker.service
After=docker.service
Before=cloud-final.service
RequiresMountsFor=${STAND_INS.path}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${STAND_INS.path}/install.sh

[Install]
WantedBy=multi-user.target
`;

export interface RootFile {
  path: string;
  content: string;
  mode: number;
}

const file = (path: string, content: string, mode = 0o644): RootFile => ({ path, content, mode });

export const ROOT_FILES: readonly RootFile[] = [
  file("/etc/apt/sources.list", ""),
  file("/etc/cloud/cloud.cfg.d/99-test.cfg", CLOUD_CONFIG),
  file("/etc/fstab", `LABEL=${STAND_INS.label} ${STAND_INS.path} ext4 ro,nofail 0 0\n`),
  file("/etc/hostname", "server\n"),
  file("/etc/hosts", "127.0.0.1 localhost\n"),
  file("/etc/network/interfaces", INTERFACES),
  file("/usr/local/sbin/test-shell", SHELL, 0o755),
  file("/etc/systemd/system/test-shell.service", SHELL_UNIT),
  file("/etc/systemd/system/stand-ins.service", STAND_INS_UNIT),
];

export const ENABLED_UNITS = ["test-shell.service", "stand-ins.service"];
