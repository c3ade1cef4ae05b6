# rekindle in a container: one image, whose command says which role it plays (`worker`, `mirror run`).
# docs/docker.md tells how it is used; test/docker/ checks it against docker-compose.yml and the repository.

# Sources → dist/, with everything that a build needs.
FROM node:24.19.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

# What runs in production. Nothing here needs its install script: better-sqlite3 and Temporal's core ship their binaries
# inside the package, the `node` package (whose script would fetch a second Node) is for machines with an old one,
# and `prepare` is the build of the stage above. Temporal's core brings every platform's binary: one is enough.
FROM node:24.19.0-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24.19.0-bookworm-slim
# Temporal's core trusts the system's certificates, which a slim image lacks (TLS to a server that is not this one's).
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json LICENSE ./
COPY sql sql
COPY --chmod=755 bin bin
COPY --from=build /app/dist dist
# A new volume takes over the owner of the directory that it is mounted on.
RUN ln -s /app/bin/rekindle.js /usr/local/bin/rekindle \
  && install --directory --owner=node --group=node /downloads /var/lib/rekindle /var/lib/rekindle-worker
# Not a directory that tasks write to: rekindle.yaml is looked for here.
USER node
ENV REKINDLE_DATA_DIR=/var/lib/rekindle
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 CMD ["rekindle", "doctor", "--json"]
ENTRYPOINT ["rekindle"]
CMD ["worker"]
