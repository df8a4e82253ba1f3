# The server on PostgreSQL, without development packages and not as root.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json prisma.config.ts ./
COPY scripts scripts
COPY prisma prisma
COPY src src
RUN npm run build

FROM node:24-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional too: of those, only the Prisma command line and TypeScript would come, as peers of the client.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force && install -d -o node -g node data
COPY --from=build /app/dist dist
COPY prisma/migrations prisma/migrations
COPY views views
# A container is reached from outside of it, whatever the issuer.
ENV NODE_ENV=production POSTERN_LISTEN=0.0.0.0 POSTERN_PORT=3000
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.POSTERN_PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
