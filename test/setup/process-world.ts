// The world of test/setup/world.ts with Postern in a process of its own, which a test may kill and start again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { demoInvitation } from '../../src/demo/start.ts';
import { openStore } from '../../src/store/database.ts';
import { createDatabase } from './database.ts';
import { freePorts } from './ports.mjs';
import { type Environment, type Exit, type ServerProcess, startedServer } from './server-process.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { type DatabaseKind, parties, type World } from './world.ts';

export interface ProcessWorld extends World {
  server(): ServerProcess;
  /** Started again as it was, without repair. */
  restart(signal?: NodeJS.Signals): Promise<Exit>;
  readonly environment: Environment;
  /** PostgreSQL as the server sees it; the test's own store goes around it. */
  readonly network: TcpProxy;
}

export async function createProcessWorld(
  kind: DatabaseKind,
  settings: Environment = {},
  /** A database of the test's own, which it removes itself. */
  own?: { readonly url: string },
): Promise<ProcessWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-process-'));
  const made = kind === 'postgresql' && own === undefined ? await createDatabase() : undefined;
  const database = own ?? made;
  const network = database && (await createTcpProxy(database.url));
  const [port, fhirPort, appPort, identityPort] = await freePorts(4);
  const secret = 'a secret of the tests, which is long enough';
  const environment: Environment = {
    POSTERN_PORT: String(port),
    POSTERN_DEMO_FHIR_PORT: String(fhirPort),
    POSTERN_DEMO_APP_PORT: String(appPort),
    POSTERN_DEMO_IDENTITY_PORT: String(identityPort),
    POSTERN_DATA_DIR: directory,
    POSTERN_DEMO: 'true',
    POSTERN_DEMO_DATA: 'false',
    POSTERN_SECRET: secret,
    POSTERN_LOG_LEVEL: 'error',
    ...(network === undefined ? {} : { DATABASE_URL: network.url }),
    ...settings,
  };
  const config = readConfig(environment);
  const { issuer } = config;
  let server = await startedServer(environment);
  const store =
    database &&
    (await openStore(
      { kind: 'postgresql', url: database.url },
      { migrations: 'prisma/migrations', report: () => undefined },
    ));

  const invite = async () => {
    const invitation = store
      ? (await demoInvitation(store, issuer))?.url
      : /\S+\/invitation#\S+/.exec(server.stdout())?.[0];
    if (invitation === undefined) throw new Error('nobody is invited');
    return invitation;
  };

  return {
    ...{ config, environment, ...parties({ issuer, secret, fhirPort, appPort, invite }) },
    get store() {
      if (store === undefined) throw new Error('the embedded database belongs to the process');
      return store;
    },
    get network() {
      if (network === undefined) throw new Error('the embedded database has no network');
      return network;
    },
    get clock(): never {
      throw new Error('the time of a process is not moved');
    },
    server: () => server,
    restart: async (signal = 'SIGTERM') => {
      const exit = await server.kill(signal);
      server = await startedServer(environment);
      return exit;
    },
    stop: async () => {
      await server.kill('SIGTERM');
      await store?.close();
      await network?.close();
      await made?.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
