# hop in a container: docker build -t hop .
ARG BUN_IMAGE=oven/bun:1.4.5
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BUN_IMAGE} AS build
WORKDIR /src
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile --production
COPY . .
RUN bun scripts/build.ts

# glibc, and for the embedded PostgreSQL a shell (initdb) and setpriv (which ends it with hop).
FROM ${BASE_IMAGE}

# As PID 1 it reaps what a killed PostgreSQL leaves behind, which Bun would not, and hands SIGTERM on.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*

# Numbers, by which Kubernetes sees that it is not root; with a name, because initdb asks for one.
RUN groupadd --gid 10001 hop \
 && useradd --uid 10001 --gid hop --home-dir /data --no-create-home --shell /usr/sbin/nologin hop \
 && install --directory --owner=hop --group=hop --mode=0700 /data
COPY --from=build /src/dist/hop /usr/local/bin/hop

# Loopback, the default beside an embedded database, could not be reached from outside the container.
ENV HOST=0.0.0.0 DATA_DIR=/data
USER 10001:10001
WORKDIR /data
# The only place that is written to: everything else may be read-only.
VOLUME /data
EXPOSE 3000

# Asks nothing of the database: restarting hop would not bring that back, and cached links are served without it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["hop", "health"]
# hop finishes the requests under way.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "hop"]
CMD ["serve"]

ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="hop" \
      org.opencontainers.image.description="A URL shortener whose redirect never waits." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
