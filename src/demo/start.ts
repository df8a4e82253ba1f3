import type { Server } from 'node:http';
import type { Config } from '../config.ts';
import { derivedKey } from '../operations/secret.ts';
import type { Store } from '../store/database.ts';
import { issueInvitation } from '../store/invitations.ts';
import { createDemoApp } from './app-server.ts';
import { createFhirServer } from './fhir-server.ts';
import { backendKeys, DEMO_APP, DEMO_FHIR_SERVER, seedDemo } from './seed.ts';

export interface DemoOptions {
  readonly config: Config;
  readonly demo: NonNullable<Config['demo']>;
  readonly secret: string;
  readonly store: Store;
  readonly listen: (app: { callback(): unknown }, port: number) => Promise<Server>;
}

/** Where the demo's two other origins are. */
export function demoOrigins({ fhirPort, appPort }: NonNullable<Config['demo']>) {
  return { fhirBase: `http://localhost:${fhirPort}/fhir`, appOrigin: `http://localhost:${appPort}` };
}

/** Seeds the demo and serves its FHIR server and app, each on an origin of its own. */
export async function startDemo({ config, demo, secret, store, listen }: DemoOptions): Promise<Server[]> {
  const { fhirBase, appOrigin } = demoOrigins(demo);
  const { issuer, operatorName: issuerName, dataDirectory } = config;
  const fhirServerSecret = derivedKey(secret, 'demo FHIR server');
  await seedDemo(store, {
    fhirBase,
    appOrigin,
    fhirServerSecret,
    backendKeys: await backendKeys(dataDirectory),
  });
  const fhirServer = createFhirServer({
    fhirBase,
    introspectionEndpoint: `${issuer}/introspect`,
    clientId: DEMO_FHIR_SERVER,
    clientSecret: fhirServerSecret,
    corsOrigins: [appOrigin],
    smartConfiguration: async () =>
      (await fetch(`${issuer}/fhir-bases/demo/.well-known/smart-configuration`)).json(),
  });
  const app = createDemoApp({ fhirBase, issuer, clientId: DEMO_APP, issuerName });
  return [await listen(fhirServer, demo.fhirPort), await listen(app, demo.appPort)];
}

/** An invitation for the first demo patient who has no passkey yet. */
export async function demoInvitation(store: Store, issuer: string) {
  const patient = await store.prisma.patient.findFirst({
    where: { passkeys: { none: {} } },
    orderBy: { name: 'asc' },
  });
  if (patient === null) return undefined;
  return { name: patient.name, url: `${issuer}/invitation#${await issueInvitation(store, patient.id)}` };
}
