// npm run bench -- pages: how long each page of a patient takes on the server, for somebody who shares with ten apps and has
// 5,000 events: one request after another, each answer checked.
import { demoInvitation } from '../../src/demo/start.ts';
import { openStore } from '../../src/store/database.ts';
import { authorizationRequest, redeem } from '../setup/app-client.ts';
import { attributeIn, csrfIn, TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/database.ts';
import { freePorts } from '../setup/ports.mjs';
import { parties, type World } from '../setup/world.ts';
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { Latencies } from './latencies.ts';
import { seedAccount } from './pages-seed.ts';
import { startPostgres } from './postgres.ts';
import { startPostern } from './process-start.ts';

const SECRET = 'a secret of the benches, which is long enough';

interface Visit {
  readonly name: string;
  /** Answers with the page; `main` of this template. */
  readonly template: string;
  readonly ask: () => Promise<Response>;
}

async function visitsOf(world: World, browser: TestBrowser): Promise<Visit[]> {
  const stranger = new TestBrowser(world.issuer);
  const page = (path: string, template: string, who = browser): Visit => ({
    ...{ name: path.replace(/[\w-]{16,}/g, ':id'), template, ask: () => who.send(path) },
  });
  const my = (await browser.open('/my')).html;
  const app = `/my/apps/${world.clientId}`;
  const linked = (html: string, pattern: RegExp) => {
    const path = pattern.exec(html)?.[1]?.replaceAll('&amp;', '&');
    if (path === undefined) throw new BenchFault(`no link is like ${pattern}`);
    return path;
  };
  const history = (await browser.open('/my/history')).html;
  const security = (await browser.open('/my/security')).html;
  const asked = () => browser.open(authorizationRequest(world).url);
  const choice = new URL((await asked()).url).pathname;
  const consent = new URL((await browser.choosePatient(await asked())).url).pathname;
  const enrol = new URL((await stranger.open('/my/enrol')).url).pathname;
  const csrf = csrfIn(my);
  const posted = (path: string, template: string): Visit => ({
    ...{ name: `POST ${path}`, template, ask: () => browser.form(path, [['csrf', csrf]]) },
  });
  return [
    page('/', 'home', stranger),
    page('/my', 'sign-in', stranger),
    page('/invitation', 'invitation', stranger),
    page('/recovery', 'recovery', stranger),
    page('/recovery/help', 'recovery-help', stranger),
    page(enrol, 'prove-identity', stranger),
    page(choice, 'choose-patient'),
    page(consent, 'consent'),
    page('/my', 'my-apps'),
    page('/my/history', 'history'),
    page(linked(history, /href="([^"]*\?[^"]*after=[^"]*)"/), 'history'),
    page(`/my/history?app=${world.clientId}`, 'history'),
    page(linked(history, /href="(\/my\/receipts\/[^"]+)"/), 'receipt'),
    page(`/my/report?app=${world.clientId}`, 'report'),
    page(`${app}/change`, 'change-sharing'),
    page(`${app}/stop`, 'stop-sharing'),
    // One after the other: each undoes the other.
    posted(`${app}/pause`, 'stopped'),
    page('/my/security', 'security'),
    page('/my/security/add', 'passkey-add'),
    page(linked(security, /href="(\/my\/security\/passkeys\/[^"]+)"/), 'passkey-remove'),
    page('/my/verify', 'verify'),
    page('/my/recovery', 'recovery-codes'),
    page('/my/notices', 'notices'),
    page('/my/people', 'my-people'),
    page('/nothing', 'error', stranger),
  ];
}

/** Pages take turns, so that what else the machine does meets all of them. */
async function measure(visits: readonly Visit[], times: number, undo: () => Promise<unknown>) {
  const taken = visits.map((visit) => ({ visit, latencies: new Latencies() }));
  for (let turn = -3; turn < times; turn += 1) {
    for (const { visit, latencies } of taken) {
      const began = process.hrtime.bigint();
      const html = await (await visit.ask()).text();
      const micros = Number(process.hrtime.bigint() - began) / 1_000;
      if (!html.includes(`page-${visit.template}"`))
        throw new BenchFault(`${visit.name} is not the page ${visit.template}`);
      if (turn >= 0) latencies.record(micros);
      if (visit.name.startsWith('POST')) await undo();
    }
  }
  return taken
    .map(({ visit: { name, template }, latencies }) => ({
      ...{ name: `${name} (${template})`, p50: latencies.percentile(50), p95: latencies.percentile(95) },
    }))
    .sort((a, b) => b.p95 - a.p95);
}

export const bench: Bench = async ({ quick, profileDirectory }) => {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const [fhirPort, appPort, identityPort] = await freePorts(3);
  const postern = await startPostern({
    ...{ databaseUrl, secret: SECRET, profileDirectory },
    settings: {
      POSTERN_LISTEN: 'localhost',
      POSTERN_DEMO: 'true',
      POSTERN_DEMO_DATA: 'false',
      POSTERN_DEMO_FHIR_PORT: String(fhirPort),
      POSTERN_DEMO_APP_PORT: String(appPort),
      POSTERN_DEMO_IDENTITY_PORT: String(identityPort),
    },
  });
  const { issuer } = postern;
  const migrations = 'prisma/migrations';
  const store = await openStore(
    { kind: 'postgresql', url: databaseUrl },
    { migrations, report: () => undefined },
  );
  const invite = async () => (await demoInvitation(store, issuer))?.url ?? '';
  const world = {
    store,
    ...parties({ issuer, secret: SECRET, fhirPort, appPort, invite }),
  } as unknown as World;
  const browser = await world.patientBrowser();
  const request = authorizationRequest(world);
  await redeem(world, request, await browser.authorize(request.url));
  const { session, close } = await connect(databaseUrl);
  await seedAccount(session, world.clientId);
  await close();
  say('an account with ten apps and 5,000 events');

  const visits = await visitsOf(world, browser);
  const resume = async () => {
    const { html } = await browser.open('/my');
    const action = attributeIn(/<form method="post" action="[^"]+\/resume"/.exec(html)?.[0] ?? '', 'action');
    await browser.form(action, [['csrf', csrfIn(html)]]);
  };
  const found = await measure(visits, quick ? 40 : 200, resume);
  console.log('p50 ms | p95 ms | page');
  for (const { name, p50, p95 } of found)
    console.log(`${p50.toFixed(1).padStart(6)} | ${p95.toFixed(1).padStart(6)} | ${name}`);
  await store.close();
  await postern.stop();
  postgres.stop();
  return { pages: found.length, p95_ms: rounded(found[0]?.p95 ?? 0), worst: found[0]?.name };
};
