// F12, I3: a cut-off that was acknowledged is committed, whatever becomes of the process that said so.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiUser, send } from '../setup/api-client.ts';
import { refresh } from '../setup/app-client.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';

let world: ProcessWorld;

beforeAll(async () => {
  world = await createProcessWorld('postgresql');
});
afterAll(() => world.stop());

test('after kill -9 what was cut off stays so, and what is issued then is good', async () => {
  const patient = await world.patientBrowser();
  const { accessToken, refreshToken } = await connect(world, patient);
  const { id } = await world.store.prisma.organization.findFirstOrThrow({ where: { kind: 'network' } });
  const { token } = await apiUser(world, id, ['security_officer']);
  const body = { kind: 'client', subjectId: world.clientId, reason: 'A lost laptop.' };
  const answer = await send(world, token, { method: 'post', path: '/cut-offs' }, { body });
  expect([answer.status, await world.restart('SIGKILL')]).toEqual([201, { code: null, signal: 'SIGKILL' }]);

  expect(await world.introspect(accessToken)).toEqual({ active: false });
  expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
  const next = await connect(world, patient);
  expect(await world.introspect(next.accessToken)).toMatchObject({ active: true });
});
