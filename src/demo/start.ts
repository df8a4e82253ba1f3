import type { RequestListener, Server } from 'node:http';
import type { JWK } from 'jose';
import type { Config } from '../config.ts';
import { derivedKey, registryKey } from '../operations/secret.ts';
import { createSafeFetch } from '../outside/safe-fetch.ts';
import { createSigner, readSigningKeys } from '../provider/keys.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { RegistryRefusal } from '../registry/refusal.ts';
import type { Store } from '../store/database.ts';
import { INVENTED } from '../store/demo-use.ts';
import { issueInvitation } from '../store/invitations.ts';
import { createDemoApp } from './app-server.ts';
import { createEhr } from './ehr-page.ts';
import { createFhirServer } from './fhir-server.ts';
import { createSignalReceiver, registerReceiver, SIGNALS_PATH } from './fhir-signals.ts';
import { seedAnomalies } from './generated-anomalies.ts';
import { seedGovernance } from './generated-governance.ts';
import { seedGenerated } from './generated-seed.ts';
import { createIdentityProvider } from './identity-provider.ts';
import { DEMO_IDENTITY, identityOrigin } from './identity-registration.ts';
import { demoOrigins, EHR_PATH } from './origins.ts';
import { backendKeys, DEMO_APP, DEMO_FHIR_SERVER, publicPart, seedDemo } from './seed.ts';
import { seedEmergency } from './seed-emergency.ts';
import { seedIdentities } from './seed-identities.ts';
import { CLINIC_SCOPES, DEMO_CLINIC_APP, DEMO_EHR, ehrKeys, seedLaunches } from './seed-launches.ts';
import { seedRegistry } from './seed-registry.ts';
import { seedStaff } from './seed-staff.ts';
import { seedVendor } from './seed-vendor.ts';

export interface DemoOptions {
  readonly config: Config;
  readonly demo: NonNullable<Config['demo']>;
  readonly secret: string;
  readonly store: Store;
  readonly listen: (app: { callback(): unknown }, port: number) => Promise<Server>;
  /** What the demo FHIR server was told, for the terminal. */
  readonly report?: (line: string) => void;
}

interface Site {
  callback(): RequestListener;
}

/** Two sites on one origin: what stands below the path, and the rest. */
function beside(path: string, pages: Site, rest: Site): Site {
  return {
    callback: () => {
      const [answerPage, answerRest] = [pages.callback(), rest.callback()];
      const isPage = (url = '') => url === path || url.startsWith(`${path}/`);
      return (request, response) => (isPage(request.url) ? answerPage : answerRest)(request, response);
    },
  };
}

/** Seeds the demo and serves its FHIR server and app, each on an origin of its own. */
export async function startDemo(options: DemoOptions): Promise<Server[]> {
  const { config, demo, secret, store, listen, report = () => undefined } = options;
  const { fhirBase, sandboxBase, appOrigin } = demoOrigins(demo);
  const { issuer, operatorName: issuerName, dataDirectory } = config;
  const fhirServerSecret = derivedKey(secret, 'demo FHIR server');
  await seedRegistry(store);
  await seedStaff(store, issuerName);
  await seedDemo(store, {
    fhirBase,
    sandboxBase,
    appOrigin,
    fhirServerSecret,
    backendKeys: await backendKeys(dataDirectory),
  });
  await seedIdentities(store);
  const keys = await ehrKeys(dataDirectory);
  await seedLaunches(store, { fhirBase, appOrigin, keys });
  await seedVendor(store, { fhirBase, sandboxBase });
  const signingKeys = await readSigningKeys(store, secret);
  if (demo.data) {
    const { registry, allowLoopbackFetch: allowLoopback } = config;
    const deps = {
      ...{ store, settings: { issuer, operatorName: issuerName, ...registry } },
      ...{ sealKey: registryKey(secret), sign: createSigner(signingKeys) },
      fetch: createSafeFetch({ allowLoopback }),
    };
    await seedInvented(fhirBase, deps, report);
  }
  const fhirServerAt = (base: string, slug: string, corsOrigins: readonly string[] | 'any') =>
    createFhirServer({
      ...{ issuer, fhirBase: base },
      decisionEndpoint: `${issuer}/access/v1/evaluation`,
      clientId: DEMO_FHIR_SERVER,
      clientSecret: fhirServerSecret,
      corsOrigins,
      log: report,
      smartConfiguration: async () =>
        (await fetch(`${issuer}/fhir-bases/${slug}/.well-known/smart-configuration`)).json(),
    });
  const ehr = createEhr({ issuer, ehrId: DEMO_EHR, key: keys[1] as JWK, app: DEMO_CLINIC_APP, appOrigin });
  const app = createDemoApp({
    ...{ fhirBase, issuer, clientId: DEMO_APP, issuerName },
    clinic: { clientId: DEMO_CLINIC_APP, scope: CLINIC_SCOPES },
  });
  const fhirServers = beside(
    '/sandbox',
    fhirServerAt(sandboxBase, 'sandbox', 'any'),
    fhirServerAt(fhirBase, 'demo', [appOrigin]),
  );
  const signals = {
    ...{ issuer, audience: DEMO_FHIR_SERVER, report },
    authorization: `Bearer ${derivedKey(secret, 'demo signals')}`,
  };
  const sites = beside(SIGNALS_PATH, createSignalReceiver(signals), beside(EHR_PATH, ehr, fhirServers));
  const identityProvider = await createIdentityProvider({
    issuer: identityOrigin(demo),
    keys: signingKeys.map(publicPart) as JWK[],
    redirectUri: `${issuer}/proofing/callback/${DEMO_IDENTITY}`,
  });
  const servers = [
    await listen(sites, demo.fhirPort),
    await listen(app, demo.appPort),
    await listen(identityProvider, demo.identityPort),
  ];
  await registerReceiver({
    ...{ issuer, clientId: DEMO_FHIR_SERVER, clientSecret: fhirServerSecret },
    ...{ endpointUrl: `${new URL(fhirBase).origin}${SIGNALS_PATH}`, authorization: signals.authorization },
  }).catch((error: Error) => report(`the demo FHIR server hears no signals: ${error.message}`));
  return servers;
}

/** The network around the demo, and what governs it. What people did with it since may refuse a part: the demo starts. */
async function seedInvented(
  fhirBase: string,
  deps: RegistryDeps,
  report: (line: string) => void,
): Promise<void> {
  await seedGenerated(deps.store);
  for (const [part, seed] of [
    ['access in an emergency', () => seedEmergency(deps, fhirBase)],
    ['anomalies', () => seedAnomalies(deps.store)],
    ['governance', () => seedGovernance(deps)],
  ] as const)
    await seed().catch((error: Error) => {
      if (!(error instanceof RegistryRefusal)) throw error;
      report(`the demo data has no ${part}: ${error.message}`);
    });
}

/** An invitation for the first demo patient who has no passkey yet. */
export async function demoInvitation(store: Store, issuer: string) {
  const patient = await store.prisma.patient.findFirst({
    where: { passkeys: { none: {} }, id: { not: { startsWith: INVENTED } } },
    orderBy: { name: 'asc' },
  });
  if (patient === null) return undefined;
  return {
    name: patient.name,
    url: `${issuer}/invitation#${await issueInvitation(store, { patientId: patient.id })}`,
  };
}
