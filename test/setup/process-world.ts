// The world of test/setup/world.ts with Postern in a process of its own, which a test may kill and start again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { DEMO_APP, DEMO_BACKEND, DEMO_FHIR_SERVER } from '../../src/demo/seed.ts';
import { demoInvitation } from '../../src/demo/start.ts';
import { derivedKey } from '../../src/operations/secret.ts';
import { openStore } from '../../src/store/database.ts';
import { TestBrowser } from './browser.ts';
import { createDatabase } from './database.ts';
import { type Environment, type Exit, type ServerProcess, startServer } from './server-process.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { basic, type DatabaseKind, freePorts, type World } from './world.ts';

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
): Promise<ProcessWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-process-'));
  const database = kind === 'postgresql' ? await createDatabase() : undefined;
  const network = database && (await createTcpProxy(database.url));
  const [port, fhirPort, appPort] = await freePorts(3);
  const secret = 'a secret of the tests, which is long enough';
  const environment: Environment = {
    POSTERN_PORT: String(port),
    POSTERN_DEMO_FHIR_PORT: String(fhirPort),
    POSTERN_DEMO_APP_PORT: String(appPort),
    POSTERN_DATA_DIR: directory,
    POSTERN_DEMO: 'true',
    POSTERN_SECRET: secret,
    POSTERN_LOG_LEVEL: 'error',
    ...(network === undefined ? {} : { DATABASE_URL: network.url }),
    ...settings,
  };
  const config = readConfig(environment);
  const { issuer } = config;
  let server = startServer(environment);
  await server.ready;
  const store =
    database &&
    (await openStore(
      { kind: 'postgresql', url: database.url },
      { migrations: 'prisma/migrations', report: () => undefined },
    ));
  const resourceServer = { id: DEMO_FHIR_SERVER, secret: derivedKey(secret, 'demo FHIR server') };

  const invite = async () => {
    const invitation = store
      ? (await demoInvitation(store, issuer))?.url
      : /\S+\/invitation#\S+/.exec(server.stdout())?.[0];
    if (invitation === undefined) throw new Error('nobody is invited');
    return invitation;
  };

  return {
    ...{ config, issuer, secret, resourceServer, invite, environment },
    fhirBase: `http://localhost:${fhirPort}/fhir`,
    appOrigin: `http://localhost:${appPort}`,
    clientId: DEMO_APP,
    backendId: DEMO_BACKEND,
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
      server = startServer(environment);
      await server.ready;
      return exit;
    },
    patientBrowser: async () => {
      const browser = new TestBrowser(issuer);
      const enrolled = await browser.enrol(await invite());
      if (!enrolled.ok) throw new Error(`enrolment was refused: ${await enrolled.text()}`);
      return browser;
    },
    introspect: async (token) => {
      const response = await fetch(`${issuer}/introspect`, {
        method: 'POST',
        headers: { authorization: basic(resourceServer.id, resourceServer.secret) },
        body: new URLSearchParams({ token }),
      });
      return (await response.json()) as Record<string, unknown>;
    },
    stop: async () => {
      await server.kill('SIGTERM');
      await store?.close();
      await network?.close();
      await database?.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
