import { beforeAll, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';
import { type BackendServiceOptions, runBackendService } from '../../src/demo/backend-service.ts';

const tokenEndpoint = 'http://as.example/token';
const fhirBase = 'http://fhir.example/fhir';
const accessToken = 'very-secret-token';

const keys = {} as Record<
  'RS384' | 'ES384',
  { publicKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey']; privateJwk: JWK }
>;
beforeAll(async () => {
  for (const alg of ['RS384', 'ES384'] as const) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    keys[alg] = { publicKey, privateJwk: { ...(await exportJWK(privateKey)), kid: `key-${alg}` } };
  }
});

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

// The world outside: a token endpoint and a FHIR server that answer as the test says.
async function run(
  answers: { token?: Response; fhir?: () => Response },
  options: Partial<BackendServiceOptions> = {},
) {
  const sent: Sent[] = [];
  const lines: string[] = [];
  const world: typeof fetch = async (url, init = {}) => {
    sent.push({ url: String(url), init });
    if (String(url) === tokenEndpoint) return answers.token ?? granted('system/Patient.rs');
    return answers.fhir?.() ?? Response.json({ resourceType: 'Bundle', entry: [{}, {}, {}] });
  };
  const alg = options.alg ?? 'ES384';
  const exitCode = await runBackendService({
    tokenEndpoint,
    fhirBase,
    clientId: 'night-report',
    privateJwk: keys[alg].privateJwk,
    alg,
    scope: 'system/Patient.rs',
    print: (line) => lines.push(line),
    fetch: world,
    ...options,
  });
  return { exitCode, sent, lines, text: lines.join('\n') };
}

const granted = (scope: string) =>
  Response.json({ access_token: accessToken, token_type: 'Bearer', expires_in: 300, scope });

test.each(['RS384', 'ES384'] as const)(
  'the assertion has the header and claims of SMART Backend Services, signed with %s',
  async (alg) => {
    const { sent } = await run({}, { alg });
    const form = sent[0]?.init.body as URLSearchParams;
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'client_credentials',
      scope: 'system/Patient.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: expect.any(String),
    });
    const { payload, protectedHeader } = await jwtVerify(
      form.get('client_assertion') ?? '',
      keys[alg].publicKey,
    );
    expect(protectedHeader).toEqual({ alg, kid: `key-${alg}`, typ: 'JWT' });
    expect(payload).toMatchObject({ iss: 'night-report', sub: 'night-report', aud: tokenEndpoint });
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect((payload.exp ?? 0) - Math.floor(Date.now() / 1000)).toBeLessThanOrEqual(300);
  },
);

test('each run has a jti of its own', async () => {
  const assertion = async () => (await run({})).sent[0]?.init.body as URLSearchParams;
  expect((await assertion()).get('client_assertion')).not.toBe((await assertion()).get('client_assertion'));
});

test('it reads each type that was granted, tells what it does, and prints no token or assertion', async () => {
  const { exitCode, sent, text } = await run({ token: granted('system/Patient.rs system/Observation.read') });
  expect(exitCode).toBe(0);
  expect(sent.slice(1).map(({ url }) => url)).toEqual([`${fhirBase}/Patient`, `${fhirBase}/Observation`]);
  expect(sent[1]?.init.headers).toMatchObject({ authorization: `Bearer ${accessToken}` });
  for (const told of [
    tokenEndpoint,
    'night-report',
    '300 seconds',
    'system/Observation.read',
    'Read 3 resources',
  ])
    expect(text).toContain(told);
  expect(text).not.toContain(accessToken);
  expect(text).not.toContain(String(sent[0]?.init.body).replace(/.*client_assertion=/, ''));
  expect(text).not.toContain(keys.ES384.privateJwk.d);
});

test('a refusal of the token endpoint is told with its OAuth error (RFC 6749 §5.2)', async () => {
  const token = Response.json(
    { error: 'invalid_client', error_description: 'key is not registered' },
    { status: 401 },
  );
  const { exitCode, sent, text } = await run({ token });
  expect(exitCode).toBe(1);
  expect(text).toContain('Refused (401): invalid_client: key is not registered');
  expect(sent).toHaveLength(1);
});

test('a refusal of the FHIR server is told with its diagnostics', async () => {
  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [{ diagnostics: 'The access token does not reach this' }],
  };
  const { exitCode, text } = await run({ fhir: () => Response.json(outcome, { status: 403 }) });
  expect(exitCode).toBe(1);
  expect(text).toContain('Refused (403): The access token does not reach this');
});

test('an answer that is no JSON, or a server that is away, ends in a sentence and not in a crash', async () => {
  const page = await run({ token: new Response('<html>', { status: 502 }) });
  expect([page.exitCode, page.lines.at(-1)]).toEqual([1, 'Refused (502): no reason was given']);
  const away = await run({}, { fetch: () => Promise.reject(new TypeError('fetch failed')) });
  expect([away.exitCode, away.lines.at(-1)]).toEqual([1, 'Stopped: fetch failed']);
  const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const down = await run({}, { fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
  expect(down.lines.at(-1)).toMatch(/^Stopped: nothing answers there. Is the demo running/);
  const badKey = await run({}, { privateJwk: { kty: 'EC', kid: 'broken' } });
  expect(badKey.exitCode).toBe(1);
  expect(badKey.lines.at(-1)).toMatch(/^Stopped: /);
});

test('a grant that lets it search nothing is told, not passed off as success', async () => {
  const { exitCode, sent, text } = await run({ token: granted('system/Patient.r') });
  expect([exitCode, sent.length]).toEqual([1, 1]);
  expect(text).toContain('nothing that can be searched');
});
