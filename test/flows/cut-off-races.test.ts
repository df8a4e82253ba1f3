// I3, F10: an issuer that is stopped between its read and its write stores nothing that outlives a cut-off, whatever was
// cut off and put right in between. It is stopped by a lock on what it writes, which the cut-off does not need.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { resumeApp, suspendApp } from '../../src/registry/app-standing.ts';
import { cutOffAccess } from '../../src/registry/cut-offs.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { resumeOrganization, suspendOrganization } from '../../src/registry/organization-standing.ts';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { type Connection, connect as connectDatabase } from '../setup/database.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { operator, securityOfficer } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let aside: Connection;
let patient: TestBrowser;
let app: string;
let backend: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  const { database } = world.config;
  aside = await connectDatabase(database.kind === 'postgresql' ? database.url : '');
  patient = await world.patientBrowser();
});
afterAll(async () => {
  await aside.close();
  await world.stop();
});
beforeEach(async () => {
  app = await registerApp(world, world.clientId, {});
  backend = await registerApp(world, world.backendId, {});
});

const reason = { reason: 'A test.' };
const tokenOf = async (response: Response) =>
  ((await response.json()) as { access_token: string }).access_token;

/** Stops whoever writes to a table, does something else meanwhile, and lets them go on. */
async function stoppedAt<Result>(
  table: 'access_token' | 'consent',
  issue: () => Promise<Result>,
  meanwhile: () => Promise<unknown>,
): Promise<Result> {
  await aside.session.exec(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
  const issued = issue();
  const waiting = `SELECT FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`;
  while ((await aside.session.query(waiting, [])).length === 0) await sleep(5);
  await meanwhile().finally(() => aside.session.exec('COMMIT'));
  return issued;
}

const pause = async () => {
  for (const id of [app, backend]) {
    await suspendApp(deps, securityOfficer, id, reason);
    await resumeApp(deps, operator, id, reason);
  }
};
const pauseOrganization = async () => {
  await suspendOrganization(deps, securityOfficer, 'lantern', reason);
  await resumeOrganization(deps, operator, 'lantern', reason);
};
const cutClients = async () => {
  for (const subjectId of [app, backend])
    await cutOffAccess(deps, operator, { kind: 'client', subjectId, ...reason });
};

const ways: readonly (readonly [how: string, start: () => Promise<() => Promise<Response>>])[] = [
  [
    'with a code',
    async () => {
      const request = authorizationRequest(world, { client_id: app });
      const callback = await patient.authorize(request.url);
      return () => redeem({ ...world, clientId: app }, request, callback);
    },
  ],
  [
    'with a refresh token',
    async () => {
      const { refreshToken } = await connect(world, patient, { client_id: app });
      return () => refresh(world, refreshToken, { client_id: app });
    },
  ],
  ['with an assertion', async () => () => backendToken(world, {}, { clientId: backend })],
];
const causes = [
  ['the app is suspended and resumed', pause],
  ['its organization is suspended and resumed', pauseOrganization],
  ['it is cut off', cutClients],
] as const;

test.each(
  ways.flatMap(([how, start]) => causes.map(([what, meanwhile]) => [how, what, start, meanwhile] as const)),
)(
  'a token that is asked for %s is inactive from the first when meanwhile %s',
  async (_how, _what, start, meanwhile) => {
    const issue = await start();
    const answer = await stoppedAt('access_token', issue, meanwhile);
    expect(answer.status).toBe(200);
    expect(await world.introspect(await tokenOf(answer))).toEqual({ active: false });
    // Who asks after it gets what is good.
    const next = await (await start())();
    expect(await world.introspect(await tokenOf(next))).toMatchObject({ active: true });
  },
);

test('a suspension lets the refresh token go on that was given while it began', async () => {
  const { refreshToken } = await connect(world, patient, { client_id: app });
  const issue = () => refresh(world, refreshToken, { client_id: app });
  const answer = (await (await stoppedAt('access_token', issue, pause)).json()) as Record<string, string>;
  const again = await refresh(world, answer.refresh_token ?? '', { client_id: app });
  expect(await world.introspect(await tokenOf(again))).toMatchObject({ active: true });
});

test('a consent whose form is being handed in when the app is cut off is worth nothing', async () => {
  const request = authorizationRequest(world, { client_id: app });
  const callback = await stoppedAt('consent', () => patient.authorize(request.url), cutClients);
  const redeemed = await redeem({ ...world, clientId: app }, request, callback);
  expect(await refusalOf(redeemed)).toEqual([400, 'invalid_grant']);
  expect((await patient.open('/my')).html).toContain('The network ended this');
  const next = await connect(world, patient, { client_id: app });
  expect(await world.introspect(next.accessToken)).toMatchObject({ active: true });
});
