// The log of a whole story, refusals and failures included: it tells what happened, never about whom or with what.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { authenticated, backendToken, post, signAssertion } from '../setup/backend-client.ts';
import { csrfIn } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { postDecision, readOf } from '../setup/decisions.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { introspectAs } from '../setup/registrations.ts';
import { until } from '../setup/until.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly requestId?: string;
  readonly route?: string;
  readonly status?: number;
}

let world: ProcessWorld;
let log: string;
const secrets = new Map<string, string>();

const keep = (name: string, value: string | null | undefined) => {
  if (!value) throw new Error(`the story has no ${name}`);
  secrets.set(name, value);
};

async function tellTheStory(): Promise<void> {
  const invitation = await world.invite();
  keep('invitation code', new URL(invitation).hash.slice(1));
  const patient = await world.patientBrowser();
  const keepCookies = () => {
    for (const { name, value } of patient.cookies)
      if (value.length > 8) keep(`cookie ${name} ${value.slice(0, 4)}`, value);
  };
  keepCookies();
  keep('credential', patient.authenticator.held[0]?.id.toString('base64url'));
  keep('user handle', patient.authenticator.held[0]?.userHandle);
  const account = await world.store.prisma.passkey.findFirstOrThrow({ include: { patient: true } });
  keep('account', account.patientId);
  keep('name', account.patient?.name);

  await patient.authorize(authorizationRequest(world).url, { decision: 'deny' });
  await patient.authorize(authorizationRequest(world, { aud: 'https://elsewhere.example/fhir' }).url);
  await patient.authorize(authorizationRequest(world, { client_id: 'no-such-client' }).url);
  const { tokens, request, callback, accessToken, refreshToken } = await connect(world, patient);
  keepCookies();
  keep('code', callback.searchParams.get('code'));
  keep('state', request.state);
  keep('verifier', request.verifier);
  keep('access token', accessToken);
  keep('refresh token', refreshToken);
  keep('id token', tokens.id_token);
  keep('FHIR id', tokens.patient);
  await redeem(world, request, callback, 'w'.repeat(43));
  await refresh(world, 'not-a-refresh-token-at-all');
  await world.introspect(accessToken);
  await introspectAs(world, { id: world.resourceServer.id, secret: 'a wrong secret' }, accessToken);
  await postDecision(world, 'evaluation', readOf(accessToken));
  await postDecision(world, 'evaluations', `{"subject":{"type":"access_token","id":"${accessToken}"`);
  await postDecision(
    world,
    'evaluation',
    readOf(accessToken, { resource: { type: accessToken, id: accessToken } }),
  );

  const assertion = await signAssertion(world);
  keep('assertion', assertion);
  await backendToken(world, {}, assertion);
  await post(`${world.issuer}/token`, {
    grant_type: 'client_credentials',
    ...(await authenticated(world, assertion)),
  });

  await patient.send('/my?patient=ana-rivera&lang=en');
  keep('CSRF token', csrfIn((await patient.open('/my')).html));
  await patient.open(`/my/apps/${world.clientId}/stop`);
  await patient.send('/invitation/open', {
    method: 'POST',
    body: '{"code":',
    headers: { 'content-type': 'application/json' },
  });
  await patient.send('/interaction/an-interaction-of-nobody');
  await patient.send('/no/such/page?patient=ana-rivera');
  await world.network.cut();
  await patient.send('/my');
  await refresh(world, refreshToken);
  await world.introspect(accessToken).catch(() => undefined);
  await postDecision(world, 'evaluation', readOf(accessToken));
  await world.network.restore();
  const page = await patient.open('/my');
  await patient.form('/my/sign-out', [['csrf', csrfIn(page.html)]]);
}

beforeAll(async () => {
  world = await createProcessWorld('postgresql', { POSTERN_LOG_LEVEL: 'debug' });
  await tellTheStory();
  keep('secret', world.secret);
  keep("FHIR server's secret", world.resourceServer.secret);
  keep('database password', new URL(world.network.url).password);
  const { stdout, stderr } = world.server();
  // What is announced to whoever tries the demo ends with this line.
  log = stdout().slice(stdout().indexOf('npm run demo:backend') + 20) + stderr();
});
afterAll(() => world.stop());

const lines = (): Line[] =>
  log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

test('no token, code, verifier, cookie, secret, name or id of a person is in it', () => {
  expect(lines().length).toBeGreaterThan(30);
  expect(secrets.size).toBeGreaterThan(18);
  for (const [name, value] of secrets)
    expect({ name, found: log.includes(value) }).toEqual({ name, found: false });
});

test('no query string, host of a stranger or part of a token is in it', () => {
  expect(log).not.toMatch(/\?[a-z_]+=|%3A%2F%2F|elsewhere\.example|code_challenge|ana-rivera|Bearer|Basic /i);
  for (const name of ['access token', 'refresh token', 'id token', 'code', 'assertion']) {
    const value = secrets.get(name) ?? '';
    for (const part of [value.slice(0, 16), value.slice(-16)])
      expect({ name, found: log.includes(part) }).toEqual({ name, found: false });
  }
});

test('failures are there with a stack, without the message that may hold what was sent', () => {
  const failures = lines().filter(({ level }) => level >= 50);
  expect(failures.length).toBeGreaterThan(1);
  for (const failure of failures)
    expect(failure).toMatchObject({ err: { stack: expect.stringContaining('at ') } });
});

test('each request leaves one line with its route, status and request id', async () => {
  const sent: [string, string, number][] = [
    ['/health/live', '/health/live', 200],
    ['/my', '/my', 200],
    ['/interaction/abcdefgh', '/interaction/:uid', 400],
    ['/authorize?client_id=x', '/authorize', 400],
    ['/.well-known/openid-configuration', '/.well-known/openid-configuration', 200],
    ['/nothing/here', 'other', 404],
  ];
  for (const [index, [path, route, status]] of sent.entries()) {
    const requestId = `request-${index}-of-the-test`;
    const response = await fetch(`${world.issuer}${path}`, { headers: { 'x-request-id': requestId } });
    await response.text();
    expect([path, response.status, response.headers.get('x-request-id')]).toEqual([path, status, requestId]);
    const access = await until(() => {
      const said = world.server().stdout().split('\n').slice(0, -1);
      const lines = said.filter((line) => line.includes(requestId)).map((line): Line => JSON.parse(line));
      const requests = lines.filter(({ msg }) => msg === 'request');
      return requests.length > 0 && requests;
    });
    expect(access).toEqual([expect.objectContaining({ requestId, route, status })]);
  }
});

test.each(['short', 'has a space', 'x'.repeat(65), 'quote"inside', '<script>alert', 'a;b;c;d;e;f'])(
  'the X-Request-Id "%s" is replaced by one of our own',
  async (given) => {
    const response = await fetch(`${world.issuer}/health/live`, { headers: { 'x-request-id': given } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(world.server().stdout()).not.toContain(`"${given}"`);
  },
);
