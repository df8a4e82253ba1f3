#!/usr/bin/env node
// The process: environment, start, signals. Every fault at the start is one clear sentence and exit code 1.
import { fileURLToPath } from 'node:url';
import { createApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { demoLinks } from './demo/links.ts';
import { demoOrigins } from './demo/origins.ts';
import { startDemo } from './demo/start.ts';
import { StartError } from './errors.ts';
import { trafficTasks } from './monitoring/traffic-tasks.ts';
import { useTasks } from './monitoring/use-tasks.ts';
import { auditTasks, forwardTasks } from './operations/audit-tasks.ts';
import { listen, stopServers } from './operations/listen.ts';
import { startObservability } from './operations/observability.ts';
import { retention } from './operations/retention.ts';
import { keptSecret, registryKey, signalKey } from './operations/secret.ts';
import { createTasks } from './operations/tasks.ts';
import { onLeader, startTimers, type Timers } from './operations/timers.ts';
import { createSafeFetch } from './outside/safe-fetch.ts';
import { createSigner, readSigningKeys } from './provider/keys.ts';
import { startDelivery } from './signals/delivery-loop.ts';
import { receiverFetch } from './signals/receiver-fetch.ts';
import { openStore, type Store } from './store/database.ts';
import { createLeader, type Leader } from './store/leader.ts';
import { MigrationError } from './store/migrator.ts';
import { createLog } from './web/log.ts';

/** Requests in flight may finish; then the database has two seconds to say goodbye. */
const STOP_PATIENCE_MS = 7_000;
const TIMER_PATIENCE_MS = 5_000;
const STOP_LIMIT_MS = 9_000;
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const say = (line: string) => process.stderr.write(`postern: ${line}\n`);

async function start(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  const store = await openStore(config.database, { migrations: at('../prisma/migrations'), report: say });
  let stopping = false;
  let timers: readonly Timers[] = [];
  let leader: Leader | undefined;
  let leading = config.database.kind === 'embedded';
  try {
    const secret = config.secret ?? (await keptSecret(config.dataDirectory));
    const views = at('../views');
    const observability = await startObservability({ config, store, log, leads: () => leading });
    const { observedBy } = observability;
    const app = await createApp({
      config,
      secret,
      store,
      log,
      views,
      isStopping: () => stopping,
      observedBy,
    });
    const servers = [...observability.servers, await listen(app.callback(), config.port, config.listen)];
    const stop = async () => {
      if (stopping) process.exit(1);
      stopping = true;
      say('stopping');
      setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
      const stopped = timers.map((loop) => loop.stop(TIMER_PATIENCE_MS));
      await Promise.all([stopServers(servers, STOP_PATIENCE_MS), ...stopped]);
      await leader?.close();
      await Promise.all([store.close(), observability.close()]);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
    const { demo } = config;
    if (demo !== undefined) {
      say('seeding the demo');
      const listenHere = (other: { callback(): unknown }, port: number) =>
        listen(other.callback() as never, port, config.listen);
      servers.push(...(await startDemo({ config, demo, secret, store, listen: listenHere, report: say })));
    }
    await announce(config, store);
    if (!stopping) {
      const onChange = (leads: boolean) => {
        leading = leads;
        log.info({ leads }, 'who leads the timers has changed');
      };
      const elected = createLeader(config.database, { onChange });
      const sign = createSigner(await readSigningKeys(store, secret));
      const { issuer, operatorName } = config;
      const governed = {
        ...{ store, sign, sealKey: registryKey(secret) },
        settings: { issuer, operatorName, ...config.registry },
        fetch: createSafeFetch({ allowLoopback: config.allowLoopbackFetch }),
      };
      const loops = [
        createTasks({ config, secret, store, log, views }),
        useTasks({ ...governed, log }),
        trafficTasks({ store, log }),
        retention({ store, log }),
        auditTasks({ config, secret, store, log }),
        forwardTasks({ config, secret, store, log }),
      ];
      const fetch = receiverFetch(config, demo && new URL(demoOrigins(demo).fhirBase).origin);
      const delivery = startDelivery({ store, issuer, sealKey: signalKey(secret), sign, fetch, log });
      timers = [...loops.map((tasks) => startTimers(onLeader(elected, tasks), log)), delivery];
      leader = elected;
    }
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function announce({ issuer, demo, database }: Config, store: Store): Promise<void> {
  const lines = [`Postern is ready: ${issuer}`];
  if (demo !== undefined) lines.push(...(await demoLinks(issuer, demo, store)));
  if (database.kind === 'embedded') {
    lines.push(
      '  The embedded database is for trying and developing: use PostgreSQL (DATABASE_URL) for real patients.',
    );
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

try {
  await start(readConfig(process.env));
} catch (error) {
  const known =
    error instanceof ConfigError || error instanceof StartError || error instanceof MigrationError;
  say(
    known
      ? error.message
      : `Postern could not start: ${error instanceof Error ? error.message : 'unknown reason'}`,
  );
  process.exitCode = 1;
  // What an unfinished start has opened must not keep the process alive.
  setTimeout(() => process.exit(1), 1_000).unref();
}
