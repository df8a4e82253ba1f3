// F6: one primary with a hot standby that each commit waits for (synchronous_commit = on). What was acknowledged is
// there after the primary is lost; what the standby has not confirmed is not acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessTokenKey } from '../../src/store/access-token-key.ts';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import {
  askMachines,
  type Door,
  type Heard,
  health,
  heardIn,
  NOBODY_SERVED,
  revoke,
  UNAVAILABLE,
  untilReady,
} from '../setup/outage.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { createPair, type Pair } from '../setup/standby.ts';
import { until } from '../setup/until.ts';

let pair: Pair;
let world: ProcessWorld;
let patient: TestBrowser;

beforeAll(async () => {
  pair = await createPair();
  world = await createProcessWorld('postgresql', { POSTERN_LOG_LEVEL: 'silent' }, pair.primary);
  patient = await world.patientBrowser();
});
afterAll(async () => {
  await world.stop();
  await pair.stop();
});

const isActive = async (token: string) => (await world.introspect(token)).active;

async function tokenOf(issued: Response): Promise<string> {
  return ((await issued.json()) as { access_token: string }).access_token;
}

/** The commit of a revocation that waits for the standby is on the primary for all to see, and on it alone. */
async function commitLocally(token: string): Promise<void> {
  const { slot, id } = accessTokenKey(token) ?? {};
  const ended = 'SELECT FROM access_token WHERE slot = $1 AND id = $2 AND revoked_at IS NOT NULL';
  await until(async () => {
    await pair.cancelWaits();
    return (await pair.primary.query(ended, [slot, id])).length > 0;
  });
}

async function revokeAsBackend(token: string): Promise<Response> {
  const proof = await authenticated(world, { claims: { aud: world.issuer } });
  return post(`${world.issuer}/revoke`, { token, client_id: world.backendId, ...proof });
}

describe('both run', () => {
  test('an app is connected, refreshed, read with and stopped', async () => {
    const { accessToken, refreshToken } = await connect(world, patient);
    expect(await isActive(accessToken)).toBe(true);
    const next = await tokenOf(await refresh(world, refreshToken));
    expect(await isActive(next)).toBe(true);
    expect((await revoke(world, next)).status).toBe(200);
    expect(await Promise.all([accessToken, next].map(isActive))).toEqual([false, false]);
  });

  test('a backend service gets and revokes a token', async () => {
    const token = await tokenOf(await backendToken(world));
    expect(await isActive(token)).toBe(true);
    expect((await revokeAsBackend(token)).status).toBe(200);
    expect(await isActive(token)).toBe(false);
  });
});

describe('the standby is frozen', () => {
  let accessToken: string;
  let revoked: Heard;
  let again: Heard;
  let issued: Heard;

  beforeAll(async () => {
    accessToken = (await connect(world, patient)).accessToken;
    expect(await isActive(accessToken)).toBe(true);
    pair.standby.freeze();
    [revoked, issued] = await Promise.all([
      revoke(world, accessToken).then(heardIn),
      backendToken(world).then(heardIn),
    ]);
    await commitLocally(accessToken);
    again = await revoke(world, accessToken).then(heardIn);
    pair.standby.thaw();
  });

  test('a revocation that it has not confirmed is not acknowledged (I6)', () => {
    expect(revoked).toEqual(UNAVAILABLE);
  });

  test('sent again it finds the token revoked, and is not acknowledged either (I6)', () => {
    expect(again).toEqual(UNAVAILABLE);
  });

  test('no token is given that could be lost (I6)', () => {
    expect(issued).toEqual(UNAVAILABLE);
  });

  test('once it goes on, the same revocation is acknowledged and holds', async () => {
    await untilReady(world);
    expect((await revoke(world, accessToken)).status).toBe(200);
    expect(await isActive(accessToken)).toBe(false);
  });
});

describe('the primary is lost', () => {
  const issued = new Set<string>();
  const revoked = new Set<string>();
  const statuses = new Set<number>();
  let promised: { connection: Connection; stopped: Connection };
  let early: { heard: Record<Door, Heard>; health: { live: number; ready: number } };

  /** Backend services at work, until they are told to stop: what they were told of their tokens is kept. */
  function work(go: { on: boolean }): Promise<unknown> {
    const one = async () => {
      while (go.on) {
        const answer = await backendToken(world);
        statuses.add(answer.status);
        if (answer.status !== 200) {
          await sleep(20);
          continue;
        }
        const token = await tokenOf(answer);
        issued.add(token);
        const end = await revokeAsBackend(token);
        statuses.add(end.status);
        // One that may or may not have been revoked is neither.
        if (end.status === 200) revoked.add(token);
        else issued.delete(token);
        const kept = await backendToken(world);
        if (kept.status === 200) issued.add(await tokenOf(kept));
      }
    };
    return Promise.all([one(), one(), one()]);
  }

  beforeAll(async () => {
    promised = { connection: await connect(world, patient), stopped: await connect(world, patient) };
    expect((await revoke(world, promised.stopped.refreshToken)).status).toBe(200);
    expect(await isActive(promised.connection.accessToken)).toBe(true);
    const go = { on: true };
    const working = work(go);
    await until(() => revoked.size >= 30);
    // What is acknowledged from now on, and was not sent, would be lost with it.
    pair.primary.stopSending();
    const sent = revoked.size;
    await until(async () => (await pair.isWaitedFor()) || revoked.size > sent + 5);
    await pair.primary.kill();
    // The address moves before the standby may be written to.
    world.network.pointAt(pair.standby.url);
    early = { heard: await askMachines(world, promised.connection), health: await health(world) };
    await pair.promote();
    await untilReady(world);
    const before = revoked.size;
    await until(() => revoked.size >= before + 5);
    go.on = false;
    await working;
  });

  test('a standby that was not promoted answers nothing: it may be behind (I3)', () => {
    expect(early).toEqual({ heard: NOBODY_SERVED, health: { live: 200, ready: 503 } });
  });

  test('until the same process was ready again its callers heard 503, and nothing else that is no success', () => {
    expect([...statuses].sort()).toEqual([200, 503]);
  });

  test('every acknowledged revocation holds (I3)', async () => {
    expect(revoked.size).toBeGreaterThanOrEqual(35);
    const answers = await Promise.all([...revoked].map(isActive));
    expect(answers.filter((active) => active !== false)).toEqual([]);
    expect(await isActive(promised.stopped.accessToken)).toBe(false);
    expect((await refresh(world, promised.stopped.refreshToken)).status).toBe(400);
  });

  test('every acknowledged token is there (I6)', async () => {
    const kept = [...issued].filter((token) => !revoked.has(token));
    const answers = await Promise.all(kept.map(isActive));
    expect(answers.filter((active) => active !== true)).toEqual([]);
  });

  test('people and their apps go on', async () => {
    expect(await isActive(promised.connection.accessToken)).toBe(true);
    expect((await refresh(world, promised.connection.refreshToken)).status).toBe(200);
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url);
    expect((await redeem(world, request, callback)).status).toBe(200);
  });
});
