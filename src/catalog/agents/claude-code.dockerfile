# The image of the claude-code agent. Build it, push it to your organization's own registry and publish the release by
# digest. It is not shipped ready-made, because Claude Code's licence does not allow passing it on.
#
#   docker build -f claude-code.dockerfile --build-arg TTYD_SHA256=… -t registry.fly.io/gentity-claude-code:2.1.329 .
FROM node:24-bookworm-slim
ARG CLAUDE_CODE=2.1.329
ARG TTYD=1.7.7
# Of ttyd.x86_64, from the release's SHA256SUMS. No default: whoever builds vouches for it.
ARG TTYD_SHA256
ADD --checksum=sha256:${TTYD_SHA256} --chmod=755 \
  https://github.com/tsl0922/ttyd/releases/download/${TTYD}/ttyd.x86_64 /usr/local/bin/ttyd
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl git openssh-client procps ripgrep tini tmux \
  && rm -rf /var/lib/apt/lists/* \
  && npm install --global @anthropic-ai/claude-code@${CLAUDE_CODE} \
  && mkdir /workspace && chown node:node /workspace
# No USER: the machine's boot step owns the fresh volume as root and then drops to node (1000).
WORKDIR /workspace
