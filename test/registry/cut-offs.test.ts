import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { offboardApp } from '../../src/registry/app-standing.ts';
import { cutOffAccess, foreseeCutOff, listCutOffs } from '../../src/registry/cut-offs.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { useOfApps } from '../../src/store/path-use.ts';
import { backendToken } from '../setup/backend-client.ts';
import { connect } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { eventsOf, noticesOf, operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const because = { reason: 'Keys were published by mistake.' };
const newApp = (like = world.clientId) =>
  registerApp(world, like, { organizationId: vendor.id, ownerId: vendor.ownerId, backupOwnerId: null });
const cutOffs = () => world.store.prisma.cutOff.count();

test('it is kept with its reason, told to those who answer, and listed last first', async () => {
  const appId = await newApp();
  const { at } = await cutOffAccess(deps, securityOfficer, { kind: 'client', subjectId: appId, ...because });
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { appId, type: 'access.cut_off' },
  });
  expect(event).toMatchObject({
    ...{ organizationId: vendor.id, accountId: 'tom-lindqvist' },
    detail: { kind: 'client', subjectId: appId, endsGrants: true, ...because, via: 'portal' },
  });
  expect([await eventsOf(world, appId), await noticesOf(world, appId)]).toEqual([
    ['access.cut_off'],
    ['access.cut_off'],
  ]);
  const [last] = (await listCutOffs(deps, operator)).rows;
  const shown = { kind: 'client', subjectId: appId, appId, organizationId: vendor.id, endsGrants: true };
  expect(last).toEqual({ ...shown, at, name: expect.any(String), cause: 'access.cut_off' });
});

test('the list is read page by page', async () => {
  for (const subjectId of ['HMARKT', 'DONAT', 'GOV'])
    await cutOffAccess(deps, operator, { kind: 'purpose', subjectId, ...because });
  const first = await listCutOffs(deps, operator, { limit: 2 });
  const second = await listCutOffs(deps, operator, { limit: 1, after: first.next ?? '' });
  expect([...first.rows, ...second.rows].map(({ name }) => name)).toEqual(['GOV', 'DONAT', 'HMARKT']);
  const faulty = listCutOffs(deps, operator, { after: Buffer.from('["x","y","z"]').toString('base64url') });
  expect(await refusedWith(faulty)).toEqual(['input_invalid', 'after cursor_unreadable']);
});

test('what is no such subject, or has no reason, is refused and nothing ends', async () => {
  const before = await cutOffs();
  const faults = [
    [{ kind: 'client', subjectId: 'nobody', ...because }, 'subjectId subject_unknown'],
    [{ kind: 'organization', subjectId: world.clientId, ...because }, 'subjectId subject_unknown'],
    [{ kind: 'owner', subjectId: 'nobody', ...because }, 'subjectId subject_unknown'],
    [{ kind: 'patient', subjectId: 'nobody', ...because }, 'subjectId subject_unknown'],
    [{ kind: 'key', subjectId: 'nobody', ...because }, 'subjectId subject_unknown'],
    [{ kind: 'purpose', subjectId: 'treat', ...because }, 'subjectId subject_unknown'],
    [{ kind: 'purpose', subjectId: 'PurposeOfUse', ...because }, 'subjectId subject_unknown'],
    [{ kind: 'everything', subjectId: 'TREAT', ...because }, 'kind not_one_of'],
    [{ kind: 'purpose', subjectId: 'TREAT' }, 'reason required'],
    [{ kind: 'purpose', subjectId: 'TREAT\0', ...because }, 'subjectId text_unprintable'],
    [{ kind: 'key', subjectId: 'nobody', ...because, endsGrants: true }, 'endsGrants not_one_of'],
    [{ kind: 'purpose', subjectId: 'TREAT', ...because, at: 'now' }, 'at unknown_field'],
  ] as const;
  for (const [input, fault] of faults)
    expect(await refusedWith(cutOffAccess(deps, operator, input))).toEqual(['input_invalid', fault]);
  expect(await cutOffs()).toBe(before);
});

test('neither vendors nor reviewers cut off, foresee or read it', async () => {
  const subject = { kind: 'client', subjectId: world.clientId };
  for (const actor of [vendor.owner, vendor.developer, reviewer]) {
    const refused = [
      cutOffAccess(deps, actor, { ...subject, ...because }),
      foreseeCutOff(deps, actor, subject),
      listCutOffs(deps, actor),
    ];
    expect(await Promise.all(refused.map(refusedWith))).toEqual(refused.map(() => ['not_allowed']));
  }
});

describe('what it would end', () => {
  test('is counted before, and nothing of it is left after', async () => {
    const appId = await newApp();
    const patients = [await world.patientBrowser(), await world.patientBrowser()];
    for (const patient of patients) await connect(world, patient, { client_id: appId });
    const { patientId: subjectId = '' } = await world.store.prisma.consent.findFirstOrThrow({
      where: { appId },
      orderBy: { decidedAt: 'asc' },
    });
    const use = async () => (await useOfApps(world.store, [appId])).get(appId);
    const foreseen = (kind: string, id: string | null) =>
      foreseeCutOff(deps, operator, { kind, subjectId: id ?? '' });
    expect(await foreseen('client', appId)).toMatchObject({ apps: 1, consents: 2, tokens: 2 });
    expect(await foreseen('organization', vendor.id)).toMatchObject({ apps: 1, name: vendor.legalName });
    expect(await foreseen('purpose', 'PATRQT')).toMatchObject({ apps: 1, consents: 2, tokens: 2 });
    expect(await foreseen('patient', subjectId)).toEqual({
      name: subjectId,
      apps: 1,
      consents: 1,
      tokens: 1,
    });
    expect(await use()).toEqual({ livePatients: 2, liveTokens: 2 });

    await cutOffAccess(deps, operator, { kind: 'patient', subjectId, ...because });
    expect(await foreseen('client', appId)).toMatchObject({ apps: 1, consents: 1, tokens: 1 });
    expect(await use()).toEqual({ livePatients: 1, liveTokens: 1 });
    await cutOffAccess(deps, operator, { kind: 'owner', subjectId: vendor.ownerId, ...because });
    expect(await foreseen('owner', vendor.ownerId)).toMatchObject({ apps: 0, consents: 0, tokens: 0 });
    expect(await use()).toEqual({ livePatients: 0, liveTokens: 0 });
  });

  test('of a key is its tokens alone', async () => {
    const appId = await newApp(world.backendId);
    await backendToken(world, {}, { clientId: appId });
    const { keyId } = await world.store.prisma.tokenTerms.findFirstOrThrow({ where: { clientId: appId } });
    const subject = { kind: 'key', subjectId: keyId };
    expect(await foreseeCutOff(deps, operator, subject)).toMatchObject({ apps: 1, consents: 0, tokens: 1 });
    await cutOffAccess(deps, operator, { ...subject, ...because });
    expect(await foreseeCutOff(deps, operator, subject)).toMatchObject({ apps: 0, tokens: 0 });
  });
});

describe('the end of an app', () => {
  /** How many rows of each table the transaction wrote that cut off an app. */
  async function written(appId: string): Promise<Record<string, number>> {
    const { sql } = world.store;
    const tables = await sql<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c
       WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'partition'::regnamespace)`,
      [],
    );
    const counts = tables.map(async ({ name }): Promise<[string, number]> => {
      const wrote = `SELECT count(*)::int AS count FROM ${name}
        WHERE xmin = (SELECT xmin FROM cut_off WHERE kind = 'client' AND subject_id = $1)`;
      return [nameOf(name), (await sql<{ count: number }>(wrote, [appId]))[0]?.count ?? 0];
    });
    return Object.fromEntries((await Promise.all(counts)).filter(([, count]) => count > 0));
  }

  /** Of the audit it is a partition, that of the month. */
  const nameOf = (table: string) => table.replace(/^partition\.(audit_event)_.*$/, '$1');

  test('writes as many rows for 5,000 tokens as for one (F22), and ends them all', async () => {
    const [small, large] = [await newApp(), await newApp()];
    const patient = await world.patientBrowser();
    for (const appId of [small, large]) await connect(world, patient, { client_id: appId });
    const terms = `m.client_id = $1 AND m.id = t.terms_id`;
    await world.store.sql(
      `INSERT INTO access_token (slot, id, terms_id, issued_at, expires_at, clock)
       SELECT t.slot, gen_random_uuid(), t.terms_id, t.issued_at, t.expires_at, t.clock
       FROM access_token t JOIN token_terms m ON ${terms}, generate_series(1, 4999)`,
      [large],
    );
    const live = async (appId: string) => (await useOfApps(world.store, [appId])).get(appId)?.liveTokens;
    expect([await live(small), await live(large)]).toEqual([1, 5_000]);
    const rows = [];
    for (const appId of [small, large]) {
      await offboardApp(deps, operator, appId, because);
      rows.push(await written(appId));
    }
    expect([await live(small), await live(large)]).toEqual([0, 0]);
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[1]).toMatchObject({ app: 1, cut_off: 1, revocation_clock: 1, audit_event: 1 });
  });
});
