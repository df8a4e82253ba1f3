// F9: one code, refresh token or client assertion from twenty callers at once, at two processes over one database and
// in one process over the embedded one. What may happen once happens once.
import { request as ask } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { authenticated, signAssertion } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { type ServerProcess, startServer } from '../setup/server-process.ts';
import { createWorld, freePorts, type World } from '../setup/world.ts';

const PARALLEL = 20;
const ROUNDS = 10;

interface Arena {
  readonly world: World;
  /** Ports of the processes that answer for one issuer. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

async function twoProcesses(): Promise<Arena> {
  const world: ProcessWorld = await createProcessWorld('postgresql');
  const [port] = (await freePorts(1)) as [number];
  const second: ServerProcess = startServer({
    ...world.environment,
    ...{ POSTERN_PORT: String(port), POSTERN_ISSUER: world.issuer, POSTERN_DEMO: 'false' },
  });
  await second.ready;
  const stop = async () => {
    await second.kill('SIGTERM');
    await world.stop();
  };
  return { world, ports: [world.config.port, port], stop };
}

async function oneProcess(): Promise<Arena> {
  const world = await createWorld('embedded');
  return { world, ports: [world.config.port], stop: world.stop };
}

describe.each([
  ['two processes over PostgreSQL', twoProcesses],
  ['one process over the embedded database', oneProcess],
])('%s', (_, start) => {
  let arena: Arena;
  let patient: TestBrowser;

  beforeAll(async () => {
    arena = await start();
    patient = await arena.world.patientBrowser();
  }, 60_000);
  afterAll(() => arena.stop());

  type Answer = { readonly status: number; readonly body: Record<string, string> };

  // Behind one issuer, as a load balancer would send it.
  function tokenRequest(port: number, parameters: Readonly<Record<string, string>>): Promise<Answer> {
    const body = new URLSearchParams(parameters).toString();
    const headers = {
      host: new URL(arena.world.issuer).host,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
    };
    return new Promise((resolve, reject) => {
      const options = { host: 'localhost', port, path: '/token', method: 'POST', headers, agent: false };
      const sent = ask(options as never, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      });
      sent.on('error', reject).end(body);
    });
  }

  /** How the same request fares, sent by all at once; each answer is a success or the expected refusal. */
  async function race(parameters: Readonly<Record<string, string>>, refusal: [number, string]) {
    const { ports } = arena;
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_one, index) =>
        tokenRequest(ports[index % ports.length] as number, parameters),
      ),
    );
    const successes = answers.filter(({ status }) => status === 200);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect([status, body.error]).toEqual(refusal);
    return successes;
  }

  test('a code gives at most one token response (I1, N40)', async () => {
    const won: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const request = authorizationRequest(arena.world);
      const callback = await patient.authorize(request.url);
      const code = callback.searchParams.get('code') ?? '';
      const { redirectUri: redirect_uri, verifier: code_verifier } = request;
      const about = { client_id: arena.world.clientId, redirect_uri, code_verifier };
      const answers = await race({ grant_type: 'authorization_code', code, ...about }, [
        400,
        'invalid_grant',
      ]);
      won.push(answers.length);
    }
    expect(Math.max(...won)).toBe(1);
  }, 60_000);

  test('a refresh token has at most one successor that lives (I2, N44)', async () => {
    const won: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { refreshToken: refresh_token } = await connect(arena.world, patient);
      const about = { client_id: arena.world.clientId, refresh_token };
      const answers = await race({ grant_type: 'refresh_token', ...about }, [400, 'invalid_grant']);
      won.push(answers.length);
      // The one that was presented twice is no longer worth anything.
      expect((await refresh(arena.world, refresh_token)).status).toBe(400);
    }
    expect(Math.max(...won)).toBe(1);
  }, 60_000);

  test('a client assertion is accepted exactly once (N58)', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const assertion = await authenticated(arena.world, await signAssertion(arena.world));
      const about = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
      expect(await race({ ...about, ...assertion }, [401, 'invalid_client'])).toHaveLength(1);
    }
  }, 60_000);
});
