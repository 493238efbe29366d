import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "../child.ts";
import type { RunningWorker } from "./workerd.ts";

const START_TRIES = 100;
const START_PAUSE_MS = 50;

export function hasNginx(): boolean {
  return spawnSync("nginx", ["-v"]).status === 0;
}

export interface NginxOptions {
  hosts: string[];
  originPort: number;
  tempDir: string;
  core: number;
}

/** The same work in nginx: a map of as many hosts, the same headers taken away and set, connections kept on both sides. */
export async function serveNginx(options: NginxOptions): Promise<RunningWorker> {
  const folder = join(options.tempDir, "nginx");
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const port = await freePort();
  const configPath = join(folder, "nginx.conf");
  writeFileSync(configPath, nginxConfig(options, folder, port));
  const child = startChild("nginx", ["-c", configPath], { core: options.core });
  for (let tries = 0; tries < START_TRIES; tries++) {
    if (await answersOn(port)) {
      return { port, child };
    }
    await Promise.race([sleep(START_PAUSE_MS), child.crashed]);
  }
  throw new Error(`nginx does not listen\n${child.output()}`);
}

function nginxConfig({ hosts, originPort }: NginxOptions, folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return `daemon off; master_process off; pid ${folder}/pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; ${temporary.join(" ")}
  map_hash_max_size 65536; map_hash_bucket_size 128;
  map $host $owner {
    ${hosts.map((host, index) => `${host} acc_${index};`).join("\n    ")}
  }
  upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      if ($owner = "") { return 404; }
      proxy_pass http://origin; proxy_http_version 1.1; proxy_buffering off;
      proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1;
      proxy_set_header CF-Connecting-IP ""; proxy_set_header Forwarded "";
      proxy_set_header X-Real-IP ""; proxy_set_header True-Client-IP "";
      proxy_set_header X-Forwarded-For $http_cf_connecting_ip;
      proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Gentity-User $owner; proxy_set_header fly-force-instance-id m1;
    }
  }
}
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function answersOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
