// client_credentials with RS384 (SMART Backend Services): each request brings an assertion of its own.
import { request } from 'node:http';
import { BenchFault, type BenchOptions, say } from './bench.ts';
import { formPost, startLoad } from './load.ts';
import { type Contestant, underLoad } from './rounds.ts';
import { signMany, tokenForm } from './token-assertions.ts';
import type { TokenContender, TokenContenders } from './token-contenders.ts';

const CONNECTIONS = 32;
/** More than any contender can use in a second on the machines that we know; running out is a fault. */
const PER_SECOND = 8_000;

const RIGHT = [
  '"access_token":"',
  '"token_type":"Bearer"',
  '"scope":"system/Patient.rs"',
  '"expires_in":300',
];

export function rs384Contestants(
  { all, key, issuer }: TokenContenders,
  { quick, only }: BenchOptions,
): Contestant[] {
  const turn = quick ? { warmupSeconds: 0.5, seconds: 1 } : { warmupSeconds: 1, seconds: 3 };
  const count = Math.ceil((turn.warmupSeconds + turn.seconds) * PER_SECOND);
  let signed: { readonly round: number; readonly bodies: readonly string[] } | undefined;
  // Each contender uses each once: what one has seen is new to the others.
  const bodiesOf = async (round: number) => {
    if (signed?.round !== round) {
      say(`signing ${count} assertions`);
      signed = { round, bodies: (await signMany(key, `${issuer}/token`, count)).map(tokenForm) };
    }
    return signed.bodies;
  };
  return all
    .filter(({ name }) => name.includes(only ?? ''))
    .map(({ name, port, pid, databaseMicros }) => ({
      name,
      measure: async (round) => {
        const bodies = await bodiesOf(round);
        const load = await startLoad();
        const plan = await load.prepare({
          ...{ port, head: formPost('/token', new URL(issuer).host), bodies, order: 'once' },
          expected: { status: 200, includes: RIGHT },
        });
        const asked = { ...turn, connections: CONNECTIONS };
        const loaded = { name, load, plan, turn: asked, pid, ...(databaseMicros && { databaseMicros }) };
        try {
          return await underLoad(loaded).measure(round);
        } finally {
          await load.close();
        }
      },
    }));
}

/** A contender that says yes to everything proves nothing. */
export async function checkClientCredentials(
  { name, port }: TokenContender,
  { key, issuer }: Pick<TokenContenders, 'key' | 'issuer'>,
): Promise<void> {
  const audience = `${issuer}/token`;
  const good = await key.sign(audience);
  const forged = `${good.slice(0, good.lastIndexOf('.'))}.${(await key.sign(audience)).split('.')[2]}`;
  const expected: readonly (readonly [string, string, number])[] = [
    ['an assertion', good, 200],
    ['the same again', good, 401],
    ['one with the signature of another', forged, 401],
    ['one for another server', await key.sign('https://other.example.org/token'), 401],
  ];
  for (const [what, assertion, wanted] of expected) {
    const seen = await statusOf(port, new URL(issuer).host, tokenForm(assertion));
    if (seen !== wanted) throw new BenchFault(`${name} answers ${what} with ${seen}`);
  }
}

/** The port is the contender's, the host that of the issuer. */
function statusOf(port: number, host: string, body: string): Promise<number | undefined> {
  const headers = {
    host,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/token', method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end(body);
  });
}
