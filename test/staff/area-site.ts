// Sign-in and shell of staff alone, with a few pages of an invented portal and console behind them.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import { seedStaff } from '../../src/demo/seed-staff.ts';
import { relyingParty } from '../../src/passkeys/relying-party.ts';
import type { PatientDeps } from '../../src/patient/deps.ts';
import { invitationRoutes } from '../../src/patient/invitation-routes.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import type { StaffArea } from '../../src/staff/area.ts';
import type { StaffDeps } from '../../src/staff/deps.ts';
import { staffArea } from '../../src/staff/guard.ts';
import { staffRoutes } from '../../src/staff/routes.ts';
import { createStaffSessions } from '../../src/staff/sessions.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import { createAssets } from '../../src/web/assets.ts';
import { createBrowserCookie } from '../../src/web/browser-cookie.ts';
import { createForms } from '../../src/web/csrf.ts';
import { errorPages } from '../../src/web/error-page.ts';
import { createMessages } from '../../src/web/messages.ts';
import { createPages } from '../../src/web/page.ts';
import { requestContext } from '../../src/web/request-context.ts';
import { securityHeaders } from '../../src/web/security-headers.ts';
import { createTemplates } from '../../src/web/templates.ts';
import { TestBrowser } from '../setup/browser.ts';
import { type MovableClock, movableClock } from '../setup/clock.ts';
import { createDatabase } from '../setup/database.ts';

export const portal: StaffArea = {
  via: 'portal',
  roles: ['owner', 'developer'],
  sections: [
    { label: 'sample.apps', href: '/developer' },
    { label: 'sample.keys', href: '/developer/keys' },
    { label: 'sample.people', href: '/developer/people', roles: ['owner'] },
  ],
  done: ['sample-saved'],
};
const consoleArea: StaffArea = {
  via: 'console',
  roles: ['operator', 'reviewer', 'security_officer'],
  sections: [
    { label: 'sample.apps', href: '/admin' },
    { label: 'sample.people', href: '/admin/people', roles: ['operator'] },
  ],
  done: [],
};

const words = {
  'sample.apps': 'Apps',
  'sample.keys': 'Keys',
  'sample.people': 'People',
  'portal.done.sample-saved': 'It was saved.',
};

export type Page = readonly [method: 'get' | 'post', path: string, answer: (ctx: Context) => unknown];

export interface AreaSite {
  readonly issuer: string;
  readonly store: Store;
  readonly clock: MovableClock;
  readonly reported: readonly unknown[];
  /** A browser in which this person has just made a passkey. */
  signedIn(personId: string): Promise<TestBrowser>;
  stop(): Promise<void>;
}

/** `pages` stand behind the guard of the area that their path begins with; `templates` are added to the views. */
export async function openAreaSite(
  pages: readonly Page[],
  templates: Readonly<Record<string, string>>,
): Promise<AreaSite> {
  const database = await createDatabase();
  const clock = movableClock();
  const report = () => undefined;
  const options = { migrations: 'prisma/migrations', report, clock };
  const store = await openStore({ kind: 'postgresql', url: database.url }, options);
  await seed(store);
  const views = await mkdtemp(join(tmpdir(), 'postern-views-'));
  await cp('views', views, { recursive: true });
  for (const locale of ['en', 'es'])
    await writeFile(join(views, 'messages', locale, 'sample.json'), JSON.stringify(words));
  for (const [name, text] of Object.entries(templates)) await writeFile(join(views, name), text);

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const deps = depsOf(store, views, issuer);
  const reported: unknown[] = [];
  const app = new Koa({ proxy: true });
  app.use(requestContext);
  app.use(createAssets(views).middleware);
  app.use(securityHeaders(false));
  app.use(errorPages(deps.pages, (error) => reported.push(error)));
  app.use(bodyParser() as Middleware);
  app.use(invitationRoutes(deps as unknown as PatientDeps, deps.sessions).routes());
  app.use(staffRoutes(deps).routes());
  for (const area of [portal, consoleArea]) {
    const router = new Router();
    router.use(staffArea(deps, area));
    for (const [method, path, answer] of pages) {
      if (path.startsWith(area.sections[0]?.href ?? '-')) router[method](path, answer as Middleware);
    }
    app.use(router.routes());
  }
  server.on('request', app.callback());
  return {
    ...{ issuer, store, clock, reported },
    async signedIn(personId) {
      const browser = new TestBrowser(issuer);
      await browser.enrol(`${issuer}/invitation#${await issueInvitation(store, { personId })}`);
      return browser;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await store.close();
      await database.drop();
      clock.restore();
      await rm(views, { recursive: true });
    },
  };
}

function depsOf(store: Store, views: string, issuer: string): StaffDeps {
  const operatorName = 'Test network';
  const browser = createBrowserCookie(false);
  const forms = createForms({ secret: 'a secret of the tests, long enough', issuer, cookie: browser });
  const [templates, messages, assets] = [createTemplates(views), createMessages(views), createAssets(views)];
  return {
    ...{ store, forms, browser, issuer, operatorName },
    pages: createPages({ templates, messages, assets, forms, operatorName, secure: false }),
    relyingParty: relyingParty(issuer, operatorName),
    sessions: createStaffSessions(store, false),
    registry: {} as RegistryDeps,
  };
}

async function seed(store: Store): Promise<void> {
  const { prisma } = store;
  await prisma.organization.create({ data: { id: 'lantern', legalName: 'Lantern Health, Inc.' } });
  const dana = { id: 'dana-whitfield', name: 'Dana Whitfield', email: 'dana@lantern.example' };
  await prisma.person.create({ data: { ...dana, organizationId: 'lantern', userHandle: 'ZGFuYQ' } });
  await seedStaff(store, 'Test network');
}
