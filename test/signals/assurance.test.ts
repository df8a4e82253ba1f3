// CAEP 1.0 §3.4: how surely a patient proved who she is, told when the best that her passkeys carry changes, and only then.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { tellEndedLevels } from '../../src/store/assurance-levels.ts';
import { handToStreams } from '../../src/store/signal-events.ts';
import { eventIn, POLL, type SecurityEvent, type Server, serverOf } from '../setup/signal-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let server: Server;
let stream: string;
const patientId = randomUUID();

beforeAll(async () => {
  world = await createWorld();
  const { id, secret } = world.resourceServer;
  server = serverOf(world, id, secret);
  const [{ stream_id } = { stream_id: '' }] = (await (await server.ask('GET', '/ssf/stream')).json()) as {
    stream_id: string;
  }[];
  stream = stream_id;
  await server.ask('PUT', '/ssf/stream', { stream_id, delivery: { method: POLL } });
  const { prisma } = world.store;
  await prisma.patient.create({ data: { id: patientId, userHandle: randomUUID(), name: 'Nobody Known' } });
  await prisma.patientRecord.create({
    data: { patientId, fhirBaseUrl: world.fhirBase, fhirId: 'nobody-known' },
  });
});
afterAll(() => world.stop());

/** The changes of level that wait; of what else is told, nothing. */
async function told() {
  await handToStreams(world.store);
  const poll = `/ssf/poll/${stream}`;
  const answer = await server.ask('POST', poll, { returnImmediately: true });
  const { sets } = (await answer.json()) as { sets: Record<string, string> };
  await server.ask('POST', poll, { maxEvents: 0, ack: Object.keys(sets) });
  const events = Object.values(sets).map((set) => decodeJwt(set) as unknown as SecurityEvent);
  return events
    .filter((event) => eventIn(event)[0] === 'assurance-level-change')
    .map((event) => [event.sub_id, eventIn(event)[1]]);
}

async function passkeyWith(level: string, { lastsMs = 86_400_000 } = {}): Promise<string> {
  const { prisma } = world.store;
  const [id, proofingId] = [randomUUID(), randomUUID()];
  const flags = { backupEligible: false, backedUp: false, aaguid: randomUUID(), transports: [] };
  await prisma.passkey.create({
    data: { ...flags, id, patientId, publicKey: new Uint8Array([1]), counter: 0 },
  });
  const by = {
    issuer: 'https://id.example.com',
    subjectHash: 'none',
    reason: 'raise',
    evidenceClass: 'none',
  };
  const proofedAt = new Date();
  const expiresAt = new Date(proofedAt.getTime() + lastsMs);
  await prisma.identityProofing.create({
    data: { ...by, id: proofingId, patientId, level, proofedAt, expiresAt },
  });
  await prisma.passkeyProofing.create({ data: { passkeyId: id, proofingId, boundBy: 'step_up' } });
  return id;
}

const remove = (id: string) =>
  world.store.prisma.passkey.update({ where: { id }, data: { removedAt: new Date() } });

const change = (previous: string, current: string, direction: string, text: string) => [
  { format: 'complex', user: { format: 'iss_sub', iss: world.issuer, sub: patientId } },
  expect.objectContaining({
    ...{
      namespace: 'NIST-IAL',
      previous_level: previous,
      current_level: current,
      change_direction: direction,
    },
    ...{ event_timestamp: expect.any(Number), reason_admin: { en: text } },
    patients: [`${world.fhirBase}/Patient/nobody-known`],
  }),
];

const PROVED = 'The patient proved who she is.';
const REMOVED = 'The passkey that carried the proof of who the patient is was removed.';
const ENDED = 'The proof of who the patient is has come to its end.';

test('raised by a proof, by no second one of the same level, and lowered by the end of the last', async () => {
  const low = await passkeyWith('IAL1');
  expect(await told()).toEqual([change('none', 'nist-ial1', 'increase', PROVED)]);
  const high = await passkeyWith('IAL2', { lastsMs: 60_000 });
  expect(await told()).toEqual([change('nist-ial1', 'nist-ial2', 'increase', PROVED)]);
  const same = await passkeyWith('IAL2', { lastsMs: 120_000 });
  await remove(high);
  expect(await told()).toEqual([]);

  await tellEndedLevels(world.store);
  expect(await told()).toEqual([]);
  world.clock.advance(180_000);
  await Promise.all([tellEndedLevels(world.store), tellEndedLevels(world.store)]);
  expect(await told()).toEqual([change('nist-ial2', 'nist-ial1', 'decrease', ENDED)]);

  await remove(low);
  expect(await told()).toEqual([change('nist-ial1', 'none', 'decrease', REMOVED)]);
  await remove(same);
  await tellEndedLevels(world.store);
  expect(await told()).toEqual([]);
});
