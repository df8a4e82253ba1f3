import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { createWorld, type World } from '../setup/world.ts';

type Tokens = Record<string, string>;

describe('an app asks for less at refresh (RFC 6749 §6)', () => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld('postgresql');
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  async function connect(): Promise<Tokens> {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url, { choices: ['Patient.view', 'Observation.view'] });
    return (await (await redeem(world, request, callback)).json()) as Tokens;
  }

  const asked = async (token: string | undefined, scope: string) => {
    const response = await refresh(world, token ?? '', { scope });
    return { status: response.status, tokens: (await response.json()) as Tokens };
  };

  test('by meaning: read of one category under the whole type, and the next refresh has all again', async () => {
    const { refresh_token, scope } = await connect();
    const narrow =
      'patient/Observation.r?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
    const once = await asked(refresh_token, narrow);
    expect(once.status).toBe(200);
    expect(once.tokens.scope).toBe(narrow);
    expect(await world.introspect(once.tokens.access_token ?? '')).toMatchObject({
      active: true,
      scope: narrow,
    });
    const again = (await (await refresh(world, once.tokens.refresh_token ?? '')).json()) as Tokens;
    expect(again.scope?.split(' ').sort()).toEqual(scope?.split(' ').sort());
  });

  test('what was not granted is invalid_scope, and the refresh token still works', async () => {
    const { refresh_token } = await connect();
    for (const scope of [
      'patient/Observation.c',
      'patient/Condition.r',
      'patient/*.rs',
      'user/Observation.r',
    ]) {
      const refused = await asked(refresh_token, scope);
      expect([refused.status, refused.tokens.error]).toEqual([400, 'invalid_scope']);
    }
    expect((await refresh(world, refresh_token ?? '')).status).toBe(200);
  });
});
