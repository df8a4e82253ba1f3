// Consents of a few apps that stand, counted at once, among cut-offs of every kind: as the rule says of each by itself.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readReach } from '../../src/store/app-reach.ts';
import { readAppUse } from '../../src/store/campaign-facts.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { useOfApps, useOfProcessors } from '../../src/store/path-use.ts';
import { createDatabase, type TestDatabase } from '../setup/database.ts';
import { databases } from '../setup/world.ts';

const APPS = ['app-1', 'app-2', 'app-3'];
const HOST = 'org-1';

const RECORDS = `
  INSERT INTO organization (id, legal_name) SELECT 'org-' || n, 'Org ' || n FROM generate_series(1, 3) n;
  INSERT INTO person (id, organization_id, name, email, user_handle)
    SELECT 'person-' || n, 'org-' || n, 'Person', n || '@example.org', 'handle-' || n FROM generate_series(1, 3) n;
  INSERT INTO app (id, organization_id, owner_id)
    SELECT 'app-' || n, 'org-' || n, CASE WHEN n > 1 THEN 'person-' || n END FROM generate_series(1, 3) n;
  INSERT INTO app_revision (id, app_id, number, created_by, name, name_skeleton, profile, purpose_statement, website_url,
      redirect_uris, origins, grant_types, auth_method, audiences, scope_ceiling, purposes, max_consent_days)
    SELECT 'revision-' || n, 'app-' || n, 1, 'test', 'App', 'app', 'smart', 'p', 'https://a.example', '{}', '{}', '{}',
      'none', '{}', 's', '{}', 365 FROM generate_series(1, 3) n;
  UPDATE app SET revision_id = 'revision-' || substr(id, 5);
  INSERT INTO revision_subprocessor (revision_id, organization_id, service)
    SELECT 'revision-' || n, '${HOST}', 'hosting' FROM generate_series(1, 2) n;
  INSERT INTO patient (id, user_handle, name) SELECT 'patient-' || n, 'patient-' || n, 'P' FROM generate_series(1, 40) n;
  INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose,
      requested_scope, granted_scope, choices, launch_context, locale, decided_at, expires_at, withdrawn_at, clock)
    SELECT n, CASE WHEN n % 17 > 0 THEN 'patient-' || n % 40 + 1 END, 'patient-' || (n + n / 40 % 2) % 40 + 1,
      'app-' || n % 3 + 1, 'org-' || n % 3 + 1, 'grant-' || n, 'https://fhir.example/' || n % 5, 'PURPOSE-' || n % 7, 's', 's',
      '{}', '{}', 'en', now() - interval '1 hour', now() + interval '1 day', CASE WHEN n % 31 = 0 THEN now() END, n % 11 * 10
    FROM generate_series(1, 600) n`;

/** Consents were given at 0, 10 ... 100; null: they wait. The last one of a subject counts, whichever that is. */
const CUT_OFFS: readonly (readonly [kind: string, subjectId: string, grantsBefore: number | null])[] = [
  ...[
    ['client', 'app-1', 20] as const,
    ['client', 'app-2', null] as const,
    ['client', 'app-9', 100] as const,
  ],
  ...[['organization', 'org-2', 31] as const, ['organization', 'org-2', 15] as const],
  ...[['owner', 'person-3', 40] as const, ['owner', 'person-1', 100] as const],
  ...[['patient', 'patient-3', 60] as const, ['patient', 'patient-3', 95] as const],
  ...[['patient', 'patient-4', 70] as const, ['patient', 'patient-8', null] as const],
  ...[['purpose', 'PURPOSE-1', 50] as const, ['purpose', 'PURPOSE-9', 100] as const],
  ...[['audience', 'https://fhir.example/2', 81] as const, ['key', 'patient-5', 100] as const],
];

interface Consent {
  readonly appId: string;
  readonly patientId: string | null;
  readonly clock: number;
  /** All that it rests on. */
  readonly subjects: readonly string[];
}

const READ = `
  SELECT d.app_id AS "appId", d.patient_id AS "patientId", d.clock::int, ARRAY['client ' || a.id,
    'organization ' || a.organization_id, 'owner ' || a.owner_id, 'patient ' || d.patient_id, 'patient ' || d.account_id,
    'purpose ' || d.purpose, 'audience ' || d.audience] AS subjects
  FROM consent d JOIN app a ON a.id = d.app_id WHERE d.withdrawn_at IS NULL`;

/** By which kinds of cut-offs a consent has ended. */
const endedBy = ({ subjects, clock }: Consent) =>
  CUT_OFFS.flatMap(([kind, id, before]) =>
    subjects.includes(`${kind} ${id}`) && before !== null && before > clock ? kind : [],
  );

const patientsOf = (consents: readonly Consent[]) =>
  new Set(consents.flatMap(({ patientId }) => patientId ?? [])).size;

describe.each(databases)('on %s', (kind) => {
  let store: Store;
  let directory: string;
  let database: TestDatabase | undefined;
  let given: readonly Consent[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'postern-standing-'));
    database = kind === 'postgresql' ? await createDatabase() : undefined;
    const where = database
      ? ({ kind: 'postgresql', url: database.url } as const)
      : ({ kind: 'embedded', directory } as const);
    store = await openStore(where, { migrations: 'prisma/migrations', report: () => undefined });
    for (const statement of RECORDS.split(';')) await store.sql(statement, []);
    given = await store.sql<Consent>(READ, []);
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
    await rm(directory, { recursive: true });
  });

  async function expectCounts(standing: readonly Consent[]): Promise<void> {
    const use = await useOfApps(store, [...APPS, 'app-9']);
    expect(use.get('app-9')).toEqual({ livePatients: 0, liveTokens: 0 });
    const inCampaign = await readAppUse(store, APPS, 30);
    for (const appId of APPS) {
      const own = standing.filter((consent) => consent.appId === appId);
      expect(use.get(appId)?.livePatients).toBe(patientsOf(own));
      expect(inCampaign.get(appId)).toMatchObject({
        liveConsents: own.length,
        livePatients: patientsOf(own),
      });
      const reach = (await readReach(store, appId)).find(({ part }) => part === 'all');
      expect(reach?.patients).toBe(patientsOf(own));
    }
    const hosted = standing.filter(({ appId }) => appId !== 'app-3');
    const [host] = (await useOfProcessors(store, [HOST], { hosting: true })).values();
    expect(host).toMatchObject({ apps: 2, livePatients: patientsOf(hosted) });
  }

  test('without a cut-off all of them are counted', () => expectCounts(given));

  test('with cut-offs of every kind those are counted that none of them ended', async () => {
    const columns = [0, 1, 2].map((at) => CUT_OFFS.map((cutOff) => cutOff[at]));
    await store.sql(
      `INSERT INTO cut_off (kind, subject_id, tokens_before, grants_before, cut_at, cause)
       SELECT kind, id, 100 + n, before, now(), 'access.cut_off'
       FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS c (kind, id, before, n)`,
      columns,
    );
    const ended = given.map(endedBy);
    // Each kind ends some that no other one ends.
    for (const one of ['client', 'organization', 'owner', 'patient', 'purpose', 'audience'])
      expect(ended.filter((kinds) => kinds.length > 0 && kinds.every((kind) => kind === one))).not.toEqual(
        [],
      );
    await expectCounts(given.filter((_, at) => ended[at]?.length === 0));
  });
});
