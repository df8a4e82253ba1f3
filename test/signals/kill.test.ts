// F12: what was acknowledged as ended is told, whatever becomes of the process that said so.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiUser, send } from '../setup/api-client.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { registerApp } from '../setup/registrations.ts';
import { addServer, createReceiver, eventIn, PUSH, type Receiver } from '../setup/signal-receiver.ts';

const BASE = 'https://killed.example.com/fhir';
const ROUNDS = 3;
const EACH = 4;

let world: ProcessWorld;
let receiver: Receiver;

beforeAll(async () => {
  world = await createProcessWorld('postgresql', { POSTERN_ALLOW_LOOPBACK_FETCH: 'true' });
});
afterAll(async () => {
  await receiver?.stop();
  await world.stop();
});

test('after kill -9 each event comes, with the jti that it had, and none is acknowledged that did not', async () => {
  const server = await addServer(world, [BASE]);
  receiver = await createReceiver(world, server.id);
  receiver.answer = (response) => void setTimeout(() => response.writeHead(202).end(), 30);
  const delivery = { method: PUSH, endpoint_url: receiver.url };
  expect((await server.ask('POST', '/ssf/stream', { delivery })).status).toBe(201);
  const { id } = await world.store.prisma.organization.findFirstOrThrow({ where: { kind: 'network' } });
  const { token } = await apiUser(world, id, ['security_officer']);
  const apps: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const ended = await Promise.all(
      Array.from({ length: EACH }, () => registerApp(world, world.clientId, { audiences: [BASE] })),
    );
    const answers = await Promise.all(
      ended.map((subjectId) => {
        const body = { kind: 'client', subjectId, reason: 'A lost laptop.' };
        return send(world, token, { method: 'post', path: '/cut-offs' }, { body });
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(ended.map(() => 201));
    apps.push(...ended);
    await sleep(round * 120);
    expect(await world.restart('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  }
  const appOf = (event: (typeof receiver.heard)[0]) => (event.sub_id.application as { id: string }).id;
  for (const app of apps)
    await receiver.hears((event) => eventIn(event)[0] === 'session-revoked' && appOf(event) === app);
  const ids = new Map(receiver.heard.map((event) => [appOf(event), event.jti]));
  expect(receiver.heard.every((event) => ids.get(appOf(event)) === event.jti)).toBe(true);
  const { prisma } = world.store;
  const where = { resourceServerId: server.id };
  const { id: streamId } = await prisma.signalStream.findFirstOrThrow({ where });
  const acknowledged = await prisma.signalDelivery.findMany({ where: { streamId, ackedAt: { not: null } } });
  const heard = new Set(receiver.heard.map(({ jti }) => jti));
  expect(acknowledged.every(({ eventId }) => heard.has(eventId))).toBe(true);
});
