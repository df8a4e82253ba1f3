// Signals: how long from the commit of a cut-off until each of the receivers has it, and whether any is lost when the
// process that delivers is killed again and again.
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cutOff } from '../../src/store/cut-offs.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { hashSecret } from '../../src/store/secrets.ts';
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { startPostgres } from './postgres.ts';
import { type Postern, startPostern } from './process-start.ts';
import { type Receivers, startReceivers } from './signals-receivers.ts';

const SIZES = {
  quick: { receivers: 100, events: 20, kills: 5 },
  short: { receivers: 100, events: 100, kills: 50 },
} as const;
const SECRET = 'a secret of the benches, which is long enough';
const APART_MS = 300;
const PATIENCE_MS = 90_000;

export const bench: Bench = async ({ quick }) => {
  const size = SIZES[quick ? 'quick' : 'short'];
  const postgres = await startPostgres();
  const url = await postgres.createDatabase();
  const settings: Record<string, string> = { POSTERN_ALLOW_LOOPBACK_FETCH: 'true' };
  let postern = await startPostern({ databaseUrl: url, secret: SECRET, settings });
  settings.POSTERN_PORT = String(postern.port);
  const store = await openStore(
    { kind: 'postgresql', url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const receivers = await startReceivers();
  const apps = await seed(store, postern, receivers, size.receivers, size.events + size.kills);
  const committed = new Map<string, number>();
  const end = async (appId: string) => {
    const what = { kind: 'client', subjectIds: [appId], endsGrants: true, cause: 'access.cut_off' } as const;
    await store.prisma.$transaction((tx) => cutOff(tx, store, what));
    committed.set(appId, Date.now());
  };
  const missing = (chosen: readonly string[]) =>
    chosen.flatMap((app) =>
      Array.from({ length: size.receivers }, (_, n) => receivers.heardAt(n, app)).filter(
        (at) => at === undefined,
      ),
    ).length;
  const settle = async (chosen: readonly string[]) => {
    for (let waited = 0; waited < PATIENCE_MS && missing(chosen) > 0; waited += 100) await sleep(100);
  };

  const timed = apps.slice(0, size.events);
  for (const app of timed) {
    await end(app);
    await sleep(APART_MS);
  }
  await settle(timed);
  const waits = timed
    .flatMap((app) =>
      Array.from(
        { length: size.receivers },
        (_, n) => (receivers.heardAt(n, app) ?? Number.POSITIVE_INFINITY) - (committed.get(app) ?? 0),
      ),
    )
    .sort((a, b) => a - b);
  say(`${waits.length} events were heard`);

  const pushes = receivers.pushes();
  const killed = apps.slice(size.events);
  for (const [n, app] of killed.entries()) {
    await end(app);
    await sleep((n * 37) % 400);
    postern.child.kill('SIGKILL');
    await postern.stop();
    postern = await startPostern({ databaseUrl: url, secret: SECRET, settings });
  }
  await settle(killed);
  const lost = missing([...timed, ...killed]);
  const again = receivers.pushes() - pushes - killed.length * size.receivers + missing(killed);
  await postern.stop();
  await store.close();
  receivers.stop();
  const at = (part: number) => rounded(waits[Math.ceil(waits.length * part) - 1] ?? Number.NaN);
  const figures = { lost, p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) };
  console.log(JSON.stringify({ ...figures, heard_again: again }));
  return { ...figures, receivers: size.receivers, events: timed.length, kills: killed.length };
};

/** Apps that all the servers may hear of, and a stream for each server. */
async function seed(store: Store, { issuer }: Postern, to: Receivers, servers: number, count: number) {
  const { prisma } = store;
  const secret = randomBytes(24).toString('base64url');
  const secretHash = await hashSecret(secret);
  await prisma.organization.create({ data: { id: 'bench', legalName: 'The bench' } });
  const bases = Array.from({ length: servers }, (_, n) => `https://fhir-${n}.example.com/fhir`);
  for (const [n, url] of bases.entries()) {
    const life = { createdBy: 'bench', endsAt: new Date(Date.now() + 86_400_000) };
    await prisma.resourceServer.create({
      data: {
        ...{ id: `server-${n}`, name: `Server ${n}` },
        secrets: { create: { id: randomUUID(), secretHash, ...life } },
        fhirBases: { create: { url, slug: `base-${n}` } },
      },
    });
    const delivery = { method: 'urn:ietf:rfc:8935', endpoint_url: to.urlOf(n) };
    const made = await fetch(`${issuer}/ssf/stream`, {
      method: 'POST',
      body: JSON.stringify({ delivery }),
      headers: {
        authorization: `Basic ${Buffer.from(`server-${n}:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
    });
    if (made.status !== 201) throw new BenchFault(`a stream was refused with ${made.status}`);
  }
  const apps = Array.from({ length: count }, (_, n) => `app-${n}`);
  await prisma.app.createMany({ data: apps.map((id) => ({ id, organizationId: 'bench' })) });
  const revision = {
    ...{ number: 1, createdBy: 'bench', name: 'An app', profile: 'smart', purposeStatement: 'To bench.' },
    ...{ websiteUrl: 'https://app.example.com', authMethod: 'none', scopeCeiling: 'patient/*.rs' },
    ...{ maxConsentDays: 90, audiences: bases },
  };
  await prisma.appRevision.createMany({
    data: apps.map((appId) => ({ ...revision, id: randomUUID(), appId })),
  });
  return apps;
}
