# The image of iu-ledger: the worker, the publisher and the command line. Built in one stage and run in another, so that what runs holds
# neither the compiler nor the tests. Must never hold a key, a password or a ledger: those come in volumes and variables.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY commands commands
COPY projections projections
COPY src src
RUN npm run build

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY bin bin
COPY samples samples
# SQL and the pinned writers' sources are read where they stand; replay compares the latter with their ratified digests.
COPY commands commands
COPY projections projections
COPY src src
COPY --from=build /app/build/commands build/commands
COPY --from=build /app/build/projections build/projections
COPY --from=build /app/build/src build/src
# Keys come in a volume of their own, which takes over the owner of this folder.
RUN install -d -o node -g node -m 0700 /keys
USER node
ENTRYPOINT ["node", "/app/bin/iu-ledger.mjs"]
CMD ["--help"]
