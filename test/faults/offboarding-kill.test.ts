// The proof of an offboarding goes on where it stood when its process was killed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiUser, send } from '../setup/api-client.ts';
import { runPostern } from '../setup/command-line.ts';
import { connect } from '../setup/connection.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { until } from '../setup/until.ts';

const MANY = 30_000;
let world: ProcessWorld;

beforeAll(async () => {
  world = await createProcessWorld('postgresql');
});
afterAll(() => world.stop());

const LIKE_IT = `
  INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
  SELECT gen_random_uuid(), t.terms_id, t.issued_at, t.expires_at, t.clock, t.slot
  FROM (SELECT t.* FROM access_token t JOIN token_terms m ON m.id = t.terms_id
    WHERE m.client_id = $1 ORDER BY t.issued_at DESC LIMIT 1) t, generate_series(1, ${MANY})`;

test('after kill -9 in the middle every token is asked about, and the command line verifies the receipt', async () => {
  const { accessToken } = await connect(world, await world.patientBrowser());
  await world.store.sql(LIKE_IT, [world.clientId]);
  const { id } = await world.store.prisma.organization.findFirstOrThrow({ where: { kind: 'network' } });
  const { token } = await apiUser(world, id, ['operator']);
  const app = await world.store.prisma.app.findUniqueOrThrow({
    ...{ where: { id: world.clientId }, include: { revision: true } },
  });
  const body = { kind: 'app', subjectId: app.id, reason: 'Given up.', confirm: app.revision?.name };
  const done = await send(world, token, { method: 'post', path: '/offboardings' }, { body });
  expect(done.status).toBe(201);
  expect(await world.introspect(accessToken)).toEqual({ active: false });

  const row = () => world.store.prisma.offboarding.findFirstOrThrow({ where: { subjectId: app.id } });
  const before = await until(async () => {
    const now = await row();
    return now.checked > 0 ? now : undefined;
  });
  await world.restart('SIGKILL');
  expect(before.verifiedAt).toBeNull();
  const after = await until(async () => {
    const now = await row();
    return now.receipt === null ? undefined : now;
  });
  expect(after).toMatchObject({ total: after.checked, active: 0 });
  expect(after.total).toBeGreaterThan(MANY);

  const directory = world.environment.POSTERN_DATA_DIR ?? '';
  const [receipt, jwks] = [join(directory, 'receipt.jws'), join(directory, 'jwks.json')];
  await writeFile(jwks, await (await fetch(`${world.issuer}/jwks`)).text());
  const shown = await runPostern(world.environment, 'receipt', 'show', after.id);
  expect([shown.code, shown.stdout.trim()]).toEqual([0, after.receipt]);
  await writeFile(receipt, shown.stdout);
  // Whoever holds it checks it: there is no database.
  const elsewhere = { ...world.environment, DATABASE_URL: 'postgresql://127.0.0.1:1/none' };
  const verify = () => runPostern(elsewhere, 'receipt', 'verify', receipt, '--jwks', jwks);
  const good = await verify();
  expect(good.code).toBe(0);
  expect(JSON.parse(good.stdout).offboarding.verification).toEqual({
    ...{ tokensLiveAtCut: after.total, tokensAsked: after.total, tokensStillActive: 0 },
  });
  await writeFile(
    receipt,
    shown.stdout.replace(/\.(.{5})./, (_, kept) => `.${kept}!`),
  );
  expect((await verify()).code).toBe(1);
  const dry = await runPostern(
    world.environment,
    'offboard',
    'organization',
    app.organizationId,
    '--dry-run',
    '--json',
  );
  expect(JSON.parse(dry.stdout)).toMatchObject({
    organizationId: app.organizationId,
    tokens: expect.any(Number),
  });
  const wrong = ['offboard', 'organization', app.organizationId, '--confirm', 'x', '--reason', 'No.'];
  expect((await runPostern(world.environment, ...wrong)).code).toBe(1);
});
