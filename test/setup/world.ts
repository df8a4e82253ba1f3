// The whole of Postern in this process, on three loopback origins, over a real database of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { DEMO_APP, DEMO_BACKEND, DEMO_FHIR_SERVER } from '../../src/demo/seed.ts';
import { demoInvitation, startDemo } from '../../src/demo/start.ts';
import { listen, stopServers } from '../../src/operations/listen.ts';
import { startObservability } from '../../src/operations/observability.ts';
import { derivedKey } from '../../src/operations/secret.ts';
import { systemClock } from '../../src/store/clock.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { createLog } from '../../src/web/log.ts';
import { TestBrowser } from './browser.ts';
import { type MovableClock, movableClock } from './clock.ts';
import { createDatabase } from './database.ts';
import { copyEmbeddedTemplate } from './embedded-template.ts';
import { bringKeys, keepKeys } from './kept-keys.ts';
import { freePorts } from './ports.mjs';

export const databases = ['embedded', 'postgresql'] as const;
export type DatabaseKind = (typeof databases)[number];

export interface World {
  readonly config: Config;
  readonly issuer: string;
  readonly fhirBase: string;
  readonly appOrigin: string;
  readonly store: Store;
  readonly clock: MovableClock;
  readonly secret: string;
  readonly clientId: string;
  readonly backendId: string;
  readonly resourceServer: { readonly id: string; readonly secret: string };
  /** A fresh invitation link for the first patient without a passkey. */
  invite(): Promise<string>;
  /** A browser in which a patient has just enrolled. */
  patientBrowser(): Promise<TestBrowser>;
  /** RFC 7662, as the demo FHIR server asks. */
  introspect(token: string): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export async function createWorld(
  kind: DatabaseKind = 'postgresql',
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-world-'));
  const database = kind === 'postgresql' ? await createDatabase() : undefined;
  if (database === undefined) await copyEmbeddedTemplate(directory);
  const clock = movableClock();
  const [port, fhirPort, appPort, identityPort] = await freePorts(4);
  const secret = 'a secret of the tests, which is long enough';
  const config = readConfig({
    POSTERN_PORT: String(port),
    POSTERN_DEMO_FHIR_PORT: String(fhirPort),
    POSTERN_DEMO_APP_PORT: String(appPort),
    POSTERN_DEMO_IDENTITY_PORT: String(identityPort),
    POSTERN_DATA_DIR: directory,
    POSTERN_DEMO: 'true',
    POSTERN_DEMO_DATA: 'false',
    POSTERN_SECRET: secret,
    POSTERN_LOG_LEVEL: 'silent',
    POSTERN_ALLOW_LOOPBACK_FETCH: 'true',
    ...(database === undefined ? {} : { DATABASE_URL: database.url }),
    ...settings,
  });
  const store = await openStore(config.database, {
    migrations: 'prisma/migrations',
    report: () => undefined,
    // The embedded database reads this process's Date, which the clock has moved already.
    clock: kind === 'embedded' ? systemClock() : clock,
  });
  const hasKeys = await bringKeys(directory, store, secret);
  const log = createLog('silent');
  const observability = await startObservability({ config, store, log, leads: () => true });
  const { observedBy } = observability;
  const app = await createApp({ config, secret, store, log, views: 'views', observedBy });
  const servers: Server[] = [
    ...observability.servers,
    await listen(app.callback(), config.port, config.listen),
  ];
  const { demo, issuer } = config;
  if (demo === undefined) throw new Error('the demo is on in tests');
  const listenHere = (other: { callback(): unknown }, at: number) =>
    listen(other.callback() as never, at, config.listen);
  servers.push(...(await startDemo({ config, demo, secret, store, listen: listenHere })));
  if (!hasKeys) await keepKeys(directory, store, secret);
  // In most stories people act for themselves; those about representation say who acts for whom.
  await store.prisma.representation.deleteMany();

  const invite = async () => {
    const invitation = await demoInvitation(store, issuer);
    if (invitation === undefined) throw new Error('every patient has a passkey');
    return invitation.url;
  };
  return {
    ...{ config, store, clock, ...parties({ issuer, secret, fhirPort, appPort, invite }) },
    stop: async () => {
      await stopServers(servers, 1_000);
      await observability.close();
      await store.close();
      await database?.drop();
      clock.restore();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Parties extends Pick<World, 'issuer' | 'secret' | 'invite'> {
  readonly fhirPort: number | undefined;
  readonly appPort: number | undefined;
}

/** Who takes part in the demo, and what they do from outside. */
export function parties({ issuer, secret, fhirPort, appPort, invite }: Parties) {
  const resourceServer = { id: DEMO_FHIR_SERVER, secret: derivedKey(secret, 'demo FHIR server') };
  return {
    ...{ issuer, secret, resourceServer, invite },
    fhirBase: `http://localhost:${fhirPort}/fhir`,
    appOrigin: `http://localhost:${appPort}`,
    clientId: DEMO_APP,
    backendId: DEMO_BACKEND,
    patientBrowser: async () => {
      const browser = new TestBrowser(issuer);
      const enrolled = await browser.enrol(await invite());
      if (!enrolled.ok) throw new Error(`enrolment was refused: ${await enrolled.text()}`);
      return browser;
    },
    introspect: async (token: string) => {
      const response = await fetch(`${issuer}/introspect`, {
        method: 'POST',
        headers: { authorization: basic(resourceServer.id, resourceServer.secret) },
        body: new URLSearchParams({ token }),
      });
      return (await response.json()) as Record<string, unknown>;
    },
  };
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}
