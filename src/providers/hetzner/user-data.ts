/**
 * What the vendor hands a new server at its first boot. Anything that runs on the server can read it, and the vendor keeps it,
 * so the only secret in it is the one-time secret of the enrolment: no key of a model, no tunnel token, no recipe.
 */
import { MOUNT, renderSetupScript } from "./setup-script.ts";

export interface UserDataValues {
  /** Where hosts reach the control plane. */
  controlUrl: string;
  instanceId: string;
  enrolmentSecret: string;
  /** The digest of the host program that the server is to run: 64 hexadecimal digits. */
  hostProgramSha256: string;
  volume: string | null;
}

/** The vendor takes less than this. */
export const MAX_USER_DATA_BYTES = 32 * 1024;

/** AppArmor: on a kernel that has it Docker starts no container without its parser, which Debian only recommends. */
const PACKAGES = ["docker.io", "apparmor", "nodejs", "ca-certificates", "curl", "nftables"];

/** A drop in a chain of our own is final, whatever Docker's chains say: nothing that is forwarded reaches the metadata service. */
const METADATA_RULES = `table inet gentity
delete table inet gentity
table inet gentity {
  chain forward {
    type filter hook forward priority -200; policy accept;
    ip daddr 169.254.0.0/16 drop
    ip6 daddr fe80::/10 drop
  }
}
`;

/**
 * Without its volume, or with the metadata service open to containers, the host program does not start, and so neither does an
 * agent. Its own restart leaves the agent alone.
 */
const UNIT = `[Unit]
Description=Gentity host program
Wants=network-online.target docker.service
After=network-online.target docker.service
RequiresMountsFor=${MOUNT.path}
StartLimitIntervalSec=0

[Service]
ExecStartPre=/usr/sbin/nft -f /etc/gentity/metadata.nft
ExecStart=/usr/bin/node /opt/gentity/host.mjs --config /etc/gentity/host.json --state /var/lib/gentity
Restart=always
RestartSec=2
KillMode=process
UMask=0077

[Install]
WantedBy=multi-user.target
`;

export function renderUserData(values: UserDataValues): string {
  const controlUrl = values.controlUrl.replace(/\/+$/, "");
  const { instanceId, enrolmentSecret, hostProgramSha256, volume } = values;
  const config = { controlUrl, instanceId, enrolmentSecret, volume };
  const script = renderSetupScript({ controlUrl, hostProgramSha256, volume });
  return [
    "#cloud-config",
    "package_update: true",
    "packages:",
    ...PACKAGES.map((name) => `  - ${name}`),
    "ssh_pwauth: false",
    "write_files:",
    ...file("/etc/gentity/host.json", "0600", `${JSON.stringify(config, null, 2)}\n`),
    ...file("/etc/gentity/metadata.nft", "0644", METADATA_RULES),
    ...file("/etc/systemd/system/gentity-host.service", "0644", UNIT),
    ...file("/opt/gentity/setup.sh", "0700", script),
    "runcmd:",
    "  - [/bin/sh, /opt/gentity/setup.sh]",
    "",
  ].join("\n");
}

export function findUserDataProblem(userData: string): string | undefined {
  const size = new TextEncoder().encode(userData).length;
  return size < MAX_USER_DATA_BYTES
    ? undefined
    : `The server's first instructions have ${size} bytes; Hetzner takes less than ${MAX_USER_DATA_BYTES}`;
}

/** As a literal block: the text ends in one line break, and its first line is not indented. */
function file(path: string, permissions: string, content: string): string[] {
  const lines = content.replace(/\n$/, "").split("\n");
  return [
    `  - path: ${path}`,
    `    permissions: "${permissions}"`,
    "    content: |",
    ...lines.map((line) => (line === "" ? "" : `      ${line}`)),
  ];
}
