// The whole way of a patient's app: authorize, interaction, resume, code, refresh, revoke. A public client, so that a
// person is asked each time (RFC 6749 §10.2); she is signed in already. Ours shows its consent page and takes the form of
// it; stock shows a page with one button. Stage by stage, so that each has its own figures.
import { createHash, randomBytes } from 'node:crypto';
import { TestBrowser } from '../setup/browser.ts';
import { BenchFault, type BenchOptions, say } from './bench.ts';
import { cpuMicros } from './cpu-time.ts';
import type { Contestant, Figures } from './rounds.ts';
import { FHIR_BASE } from './seed-registry.ts';
import { NAMES, type TokenContender, type TokenContenders } from './token-contenders.ts';
import { PATIENT_APP, REDIRECT_URI } from './token-seed.ts';

export const PATIENTS = 32;
const SCOPE = 'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs';

/** What a flow holds between two stages. */
interface Flow {
  readonly browser: TestBrowser;
  readonly verifier: string;
  code: string;
  refreshToken: string;
}

const STAGES = ['authorize', 'code', 'refresh', 'revoke'] as const;
type Stage = (typeof STAGES)[number];

export async function flowContestants(
  { all, invitations }: TokenContenders,
  { quick, only }: BenchOptions,
): Promise<Contestant[]> {
  const flows = quick ? 3 : 12;
  const chosen = all.filter(({ name }) => name.includes(only ?? ''));
  say(`${PATIENTS} patients sign in at each of ${chosen.length} contenders`);
  return Promise.all(
    chosen.map(async (contender) => {
      const browsers = await Promise.all(
        Array.from({ length: PATIENTS }, (_, n) => signedIn(contender, n, invitations[n] ?? '')),
      );
      await checkRevoked(contender, browsers[0] as TestBrowser);
      return { name: contender.name, measure: () => measure(contender, browsers, flows) };
    }),
  );
}

/** A browser in which a patient is signed in. */
async function signedIn(contender: TokenContender, n: number, code: string): Promise<TestBrowser> {
  const browser = new TestBrowser(`http://localhost:${contender.port}`);
  if (contender.name === NAMES.ours) {
    const enrolled = await browser.enrol(`${browser.origin}/invitation#${code}`);
    if (!enrolled.ok) throw new BenchFault(`patient ${n} is not enrolled: ${await enrolled.text()}`);
  } else {
    const page = await browser.open(authorizeUrl(browser, 'verifier', contender));
    const answered = await browser.form(page.url, [['account', `bench-patient-${n + 1}`]]);
    await browser.open(answered.headers.get('location') ?? '');
  }
  return browser;
}

async function measure(
  contender: TokenContender,
  browsers: readonly TestBrowser[],
  each: number,
): Promise<Figures> {
  const flows = browsers.map((browser) =>
    Array.from({ length: each }, (): Flow => {
      return { browser, verifier: randomBytes(32).toString('base64url'), code: '', refreshToken: '' };
    }),
  );
  const count = browsers.length * each;
  const figures: Record<string, number> = {};
  const whole = { own: 0, database: 0 };
  for (const stage of STAGES) {
    const look = () => ({
      own: cpuMicros(contender.pid) ?? Number.NaN,
      database: contender.databaseMicros?.() ?? 0,
    });
    const [before, began] = [look(), performance.now()];
    // Each patient goes one way after the other, all patients at once.
    await Promise.all(
      flows.map(async (ofOne) => {
        for (const flow of ofOne) await steps[stage](contender, flow);
      }),
    );
    const [after, seconds] = [look(), (performance.now() - began) / 1_000];
    whole.own += after.own - before.own;
    whole.database += after.database - before.database;
    figures[`${stage}Micros`] = (after.own - before.own) / count;
    figures[`${stage}PerSecond`] = count / seconds;
  }
  return { flowMicros: whole.own / count, flowDatabaseMicros: whole.database / count, ...figures };
}

const steps: Readonly<Record<Stage, (contender: TokenContender, flow: Flow) => Promise<void>>> = {
  authorize: async (contender, flow) => {
    const { browser, verifier } = flow;
    const page = await browser.open(authorizeUrl(browser, verifier, contender));
    const decided =
      contender.name === NAMES.ours ? await browser.decide(page) : await browser.form(page.url, []);
    const { url } = await browser.open(decided.headers.get('location') ?? '');
    flow.code = new URL(url).searchParams.get('code') ?? '';
    if (!url.startsWith(REDIRECT_URI) || flow.code === '') {
      throw new BenchFault(`${contender.name} gave no code: ${decided.status}, ${url.slice(0, 200)}`);
    }
  },
  code: async (contender, flow) => {
    const about = { code: flow.code, redirect_uri: REDIRECT_URI, code_verifier: flow.verifier };
    const tokens = await post(contender, '/token', { grant_type: 'authorization_code', ...about });
    flow.refreshToken = checked(contender, tokens);
  },
  refresh: async (contender, flow) => {
    const about = { grant_type: 'refresh_token', refresh_token: flow.refreshToken };
    flow.refreshToken = checked(contender, await post(contender, '/token', about), flow.refreshToken);
  },
  revoke: async (contender, { refreshToken: token }) => {
    await post(contender, '/revoke', { token });
  },
};

function authorizeUrl(browser: TestBrowser, verifier: string, { name }: TokenContender): string {
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const parameters = {
    ...{ response_type: 'code', client_id: PATIENT_APP, redirect_uri: REDIRECT_URI, scope: SCOPE },
    ...{ state: randomBytes(16).toString('base64url'), aud: FHIR_BASE },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    // Ours asks without (SMART); stock would give no refresh token otherwise.
    ...(name === NAMES.ours ? {} : { prompt: 'consent' }),
  };
  return `${browser.origin}/authorize?${new URLSearchParams(parameters)}`;
}

async function post(
  { name, port }: TokenContender,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams({ client_id: PATIENT_APP, ...form });
  const response = await fetch(`http://localhost:${port}${path}`, { method: 'POST', body });
  const text = await response.text();
  if (response.status !== 200)
    throw new BenchFault(`${name}: ${path}: ${response.status} ${text.slice(0, 200)}`);
  return text === '' ? {} : JSON.parse(text);
}

/** The refresh token of an answer that has all that it should have, and another one than before. */
function checked({ name }: TokenContender, tokens: Record<string, unknown>, before = ''): string {
  const { access_token: access, refresh_token: refresh, id_token: id, scope } = tokens;
  const whole = [access, refresh, id].every((token) => typeof token === 'string' && token !== '');
  const right = whole && String(scope).includes('patient/Observation.rs') && refresh !== before;
  if (!right) throw new BenchFault(`${name} issued something else: ${Object.keys(tokens)} ${scope}`);
  return String(refresh);
}

/** After its end a flow is over: the token that was revoked is refused. */
async function checkRevoked(contender: TokenContender, browser: TestBrowser): Promise<void> {
  const flow: Flow = { browser, verifier: randomBytes(32).toString('base64url'), code: '', refreshToken: '' };
  for (const stage of STAGES) await steps[stage](contender, flow);
  const again = await fetch(`http://localhost:${contender.port}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: flow.refreshToken,
      client_id: PATIENT_APP,
    }),
  });
  if (again.status !== 400)
    throw new BenchFault(`${contender.name} refreshes after a revocation: ${again.status}`);
}
