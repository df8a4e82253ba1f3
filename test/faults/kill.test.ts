// F1, F2, F12: kill -9 at the worst moments; started again without repair, all that was acknowledged is there.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, readFhir, redeem, refresh } from '../setup/app-client.ts';
import { attributeIn, csrfIn, TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { databases } from '../setup/world.ts';

describe.each(databases)('kill -9, on %s', (kind) => {
  let world: ProcessWorld;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createProcessWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  const killed = { code: null, signal: 'SIGKILL' };

  async function stopSharing(): Promise<number> {
    const url = `/my/apps/${world.clientId}/stop`;
    const page = await patient.open(url);
    return (await patient.form(url, [['csrf', csrfIn(page.html)]])).status;
  }

  test('after the consent was acknowledged: the code is redeemed by the process that comes after', async () => {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url);
    expect(await world.restart('SIGKILL')).toEqual(killed);
    const response = await redeem(world, request, callback);
    expect(response.status).toBe(200);
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect((await readFhir(world, token, 'Patient/ana-rivera')).status).toBe(200);
    const page = await patient.open('/my');
    expect(page.html).toContain(`/my/apps/${world.clientId}/stop`);
  });

  test('after Stop was acknowledged: it stays stopped', async () => {
    const { accessToken, refreshToken } = await connect(world, patient);
    expect(await stopSharing()).toBe(200);
    expect(await world.restart('SIGKILL')).toEqual(killed);
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
    expect((await patient.open('/my')).html).not.toContain(`/my/apps/${world.clientId}/stop`);
  });

  test('while codes are redeemed: each gave at most one answer, and none gives a second (I1, I6)', async () => {
    const ready = [];
    for (let count = 0; count < 6; count += 1) {
      const request = authorizationRequest(world);
      ready.push({ request, callback: await patient.authorize(request.url) });
    }
    const redeemed = ready.map(({ request, callback }) =>
      redeem(world, request, callback)
        .then(async (response) => (await response.json()) as Record<string, string>)
        .catch(() => undefined),
    );
    // The first answer is out, the others are on their way.
    await Promise.race(redeemed);
    expect(await world.restart('SIGKILL')).toEqual(killed);
    const before = await Promise.all(redeemed);
    expect(before.some((tokens) => tokens?.access_token !== undefined)).toBe(true);
    for (const [index, { request, callback }] of ready.entries()) {
      const first = before[index]?.access_token;
      // What was acknowledged is stored: no token is known to its app alone.
      if (first !== undefined) expect(await world.introspect(first)).toMatchObject({ active: true });
      const again = await redeem(world, request, callback);
      if (first !== undefined || again.status !== 200)
        expect(await refusalOf(again)).toEqual([400, 'invalid_grant']);
      if (first !== undefined) expect(await world.introspect(first)).toEqual({ active: false });
    }
  });

  test('on the sign-in page: the same page goes on, and the passkey still works', async () => {
    const request = authorizationRequest(world);
    const guest = new TestBrowser(world.issuer);
    guest.authenticator.held.push(...patient.authenticator.held);
    const page = await guest.open(request.url);
    expect(attributeIn(page.html, 'data-passkey')).toBe('sign-in');
    expect(await world.restart('SIGKILL')).toEqual(killed);
    const { next } = (await (await guest.signIn(page)).json()) as { next: string };
    const callback = await guest.authorize(next);
    expect((await redeem(world, request, callback)).status).toBe(200);
  });

  test('somebody else is invited after it, and enrols', async () => {
    expect(await world.restart('SIGKILL')).toEqual(killed);
    const second = await world.patientBrowser();
    expect((await second.open('/my')).html).not.toContain(`/my/apps/${world.clientId}/stop`);
  });
});
