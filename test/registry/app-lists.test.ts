import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import type { Revision } from '../../src/policy/revision.ts';
import { listApps } from '../../src/registry/app-records.ts';
import { timelineOf } from '../../src/registry/app-timeline.ts';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { submitRevision, withdrawSubmission } from '../../src/registry/submissions.ts';
import { appendAuditEvent } from '../../src/store/audit-events.ts';
import { cursorOf } from '../../src/store/paging.ts';
import { findLookAlikes } from '../../src/store/revision-facts.ts';
import { asOsUser } from '../../src/web/os-user.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
const reviewer = actor('operators', ['reviewer']);

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world, { legalName: 'Meadow Clinics, Inc.' });
});
afterAll(() => world.stop());

async function newApp(environment: 'sandbox' | 'production', name: string, of = vendor): Promise<string> {
  const revision = await revisionFor(world, environment, { name });
  const people = { ownerId: of.ownerId, backupOwnerId: of.developerId };
  return (await createApp(deps, of.developer, { environment, ...people, revision })).appId;
}

describe('the list of apps', () => {
  let other: Vendor;
  const ids: Record<string, string> = {};
  const mark = (name: string, data: object) =>
    world.store.prisma.app.update({ where: { id: ids[name] ?? '' }, data });

  beforeAll(async () => {
    other = await registerVendor(world, { legalName: 'Harbor Systems' });
    for (const name of ['Acorn', 'Birch', 'Cedar', 'Dogwood']) ids[name] = await newApp('production', name);
    ids.Elm = await newApp('sandbox', 'Elm');
    ids.Fern = await newApp('production', 'Fern', other);
    await mark('Birch', { suspendedAt: new Date() });
    await mark('Cedar', { offboardedAt: new Date() });
    const inADay = new Date(Date.now() + 86_400_000);
    const { contractId } = vendor;
    await mark('Dogwood', { reviewedAt: new Date(), contractId, attestationDueAt: inADay });
    const { revisionId } = await world.store.prisma.app.findUniqueOrThrow({ where: { id: ids.Acorn ?? '' } });
    await submitRevision(deps, vendor.owner, ids.Acorn ?? '', revisionId ?? '');
  });

  const names = async (who = reviewer, query = {}) =>
    (await listApps(deps, who, query)).rows.map(({ name }) => name);

  test('is of the own organization, whatever is asked for', async () => {
    const own = ['Acorn', 'Birch', 'Cedar', 'Dogwood', 'Elm'];
    expect(await names(vendor.developer)).toEqual(own);
    expect(await names(vendor.developer, { filter: { organizationId: other.id } })).toEqual(own);
    expect(await names(other.owner)).toEqual(['Fern']);
    expect(await refusedWith(listApps(deps, actor(null, []), {}))).toEqual(['record_unknown']);
  });

  test.each<[string, object, readonly string[]]>([
    ['under review', { state: 'in_review' }, ['Acorn']],
    ['not approved yet', { state: 'not_approved' }, ['Acorn', 'Birch', 'Fern']],
    ['suspended', { state: 'suspended' }, ['Birch']],
    ['offboarded', { state: 'offboarded' }, ['Cedar']],
    ['that may act', { state: 'acting' }, ['Dogwood', 'Elm']],
    ['of the sandbox', { environment: 'sandbox' }, ['Elm']],
    ['by a part of their name', { name: 'ogw' }, ['Dogwood']],
    ['by what looks like their name', { name: 'FEM' }, ['Fern']],
    ['by the name of their organization', { name: 'harbor' }, ['Fern']],
    ['by nothing that there is', { name: '%' }, []],
  ])('shows those %s', async (_, filter, expected) => {
    const found = await names(reviewer, { filter });
    expect(found.filter((name) => name in ids)).toEqual(expected);
  });

  test('shows those that a person answers for, as owner or backup', async () => {
    expect(await names(reviewer, { filter: { ownerId: other.developerId } })).toEqual(['Fern']);
  });

  test('is read page by page, without a gap and without a repetition', async () => {
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { rows, next } = await listApps(deps, vendor.developer, { limit: 2, after });
      seen.push(...rows.map(({ name }) => name));
      expect(rows.length).toBeLessThanOrEqual(2);
      if (next === null) break;
      after = next;
    }
    expect(seen).toEqual(['Acorn', 'Birch', 'Cedar', 'Dogwood', 'Elm']);
    for (const after of ['x', cursorOf(['only one']), cursorOf(['a\0', 'b'])]) {
      expect(await refusedWith(listApps(deps, vendor.developer, { after }))).toContain(
        'after cursor_unreadable',
      );
    }
  });
});

describe('the timeline of an app', () => {
  test('tells its story, the newest first, and nothing of the people who use it', async () => {
    const appId = await newApp('production', 'Grove');
    const changed: Partial<Revision> = { name: 'Grove Results' };
    const saved = await saveRevision(
      deps,
      vendor.developer,
      appId,
      await revisionFor(world, 'production', changed),
    );
    await submitRevision(deps, vendor.owner, appId, saved.revisionId);
    const atTheShell = { ...commandLine, personId: 'dana-whitfield' };
    await asOsUser('root-of-the-shell', () => withdrawSubmission(deps, atTheShell, appId));
    const event = {
      type: 'patient.signed_in',
      appId,
      organizationId: vendor.id,
      accountId: 'a patient',
    } as const;
    await appendAuditEvent(world.store.prisma, event);
    const { rows } = await timelineOf(deps, vendor.developer, appId);
    expect(rows.map(({ type, by, detail }) => [type, by, detail.via])).toEqual([
      // Who acted for the operator is not the developer's business.
      ['revision.withdrawn', null, 'cli'],
      ['revision.submitted', 'The owner', 'portal'],
      ['revision.saved', 'The developer', 'portal'],
      ['app.registered', 'The developer', 'portal'],
    ]);
    expect(JSON.stringify(rows)).not.toContain('root-of-the-shell');
    const { rows: overseen } = await timelineOf(deps, reviewer, appId, { limit: 1 });
    expect(overseen).toMatchObject([{ by: 'Dana Whitfield', detail: { osUser: 'root-of-the-shell' } }]);
  });

  test('is read page by page, and goes on when the app is another organization’s', async () => {
    const appId = await newApp('production', 'Heather');
    for (const name of ['Heather A', 'Heather B', 'Heather C']) {
      await saveRevision(deps, vendor.developer, appId, await revisionFor(world, 'production', { name }));
    }
    const other = await registerVendor(world);
    await world.store.prisma.app.update({ where: { id: appId }, data: { organizationId: other.id } });
    const transfer = {
      appId,
      fromOrganizationId: vendor.id,
      toOrganizationId: other.id,
      newOwnerId: other.ownerId,
    };
    await world.store.prisma.appTransfer.create({
      data: { id: `transfer-${appId}`, ...transfer, proposedBy: vendor.ownerId, completedAt: new Date() },
    });
    const first = await timelineOf(deps, other.owner, appId, { limit: 3 });
    const second = await timelineOf(deps, other.owner, appId, { limit: 3, after: first.next ?? '' });
    expect([...first.rows, ...second.rows].map(({ type }) => type)).toEqual([
      ...['revision.saved', 'revision.saved', 'revision.saved', 'app.registered'],
    ]);
    expect(second.next).toBeNull();
    for (const after of ['x', cursorOf(['2026', '1']), cursorOf([new Date().toISOString(), 'x'])]) {
      expect(await refusedWith(timelineOf(deps, other.owner, appId, { after }))).toContain(
        'after cursor_unreadable',
      );
    }
    expect(await refusedWith(timelineOf(deps, vendor.owner, appId))).toEqual(['record_unknown']);
  });
});

test('look-alikes are apps and organizations of others, by their skeleton', async () => {
  const other = await registerVendor(world, { legalName: 'Ivy Medical LLC' });
  const nameSkeleton = 'lvymedlcal';
  const mine = await newApp('production', 'Ivy Medical');
  const theirs = await newApp('production', 'IVY-MEDICAI', other);
  const found = await findLookAlikes(world.store.prisma, { nameSkeleton, organizationId: vendor.id });
  expect(found).toEqual([
    { kind: 'organization', id: other.id, name: 'Ivy Medical LLC', organizationName: 'Ivy Medical LLC' },
    { kind: 'app', id: theirs, name: 'IVY-MEDICAI', organizationName: 'Ivy Medical LLC' },
  ]);
  expect(found.map(({ id }) => id)).not.toContain(mine);
});
