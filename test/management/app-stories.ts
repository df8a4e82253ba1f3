import { expect, test } from '@jest/globals';
import type { ApiWorld } from '../setup/api-world.ts';
import { picture } from '../setup/picture.ts';
import { freshKey } from '../setup/registration-client.ts';
import { backend } from '../setup/sample-revision.ts';
import { fhirBaseOf, revisionFor } from '../setup/vendor.ts';

const reason = { reason: 'A test' };

/** Developers, owners and reviewers at work on apps. */
export function appStories(of: () => ApiWorld): void {
  test('a developer makes an app of the sandbox and changes it, at once in force', async () => {
    const { world, vendor, api } = of();
    const revision = await revisionFor(world, 'sandbox');
    const { appId } = await api('developer', 'createApp', { body: { environment: 'sandbox', revision } });
    const at = { appId };
    const { logoId } = await api('developer', 'addLogo', { body: { png: picture().toString('base64') } });
    const saved = await api('developer', 'saveRevision', {
      at,
      body: { ...revision, name: 'Brighter', logoId },
    });
    expect(saved).toMatchObject({ number: 2, faults: [] });
    const app = await api('developer', 'findApp', { at });
    expect(app).toMatchObject({ standing: null, live: { name: 'Brighter', number: 2, logoId } });
    expect((await api('developer', 'listApps', { query: { name: 'Brighter' } })).rows).toMatchObject([
      { id: appId, ownerId: vendor.developerId },
    ]);
    const { rows } = await api('developer', 'listRevisions', { at, query: { below: '2' } });
    expect(rows).toMatchObject([{ number: 1, name: 'Bright Results' }]);
    const found = await api('developer', 'findRevision', { at: { appId, revisionId: rows[0].id } });
    expect(found).toEqual(rows[0]);
    const { rows: story } = await api('developer', 'appTimeline', { at });
    expect(story.map(({ type }: { type: string }) => type)).toEqual(['revision.saved', 'app.registered']);
    expect((await api('developer', 'listRefusals', { at })).rows).toEqual([]);
    expect((await api('operator', 'listAppEvents', { at })).rows).toHaveLength(2);
  });

  test('keys are registered, checked and ended', async () => {
    const { world, api } = of();
    const audiences = [await fhirBaseOf(world, 'sandbox')];
    const body = { environment: 'sandbox', revision: { ...backend, audiences } };
    const { appId } = await api('owner', 'createApp', { body });
    const jwk = await freshKey();
    const key = await api('owner', 'addKey', { at: { appId }, body: { jwk } });
    expect(key).toMatchObject({ kid: jwk.kid, kind: 'jwk', revokedAt: null });
    const { rows: faults } = await api('owner', 'checkAssertion', {
      at: { appId },
      body: { assertion: 'a.b.c' },
    });
    expect(faults).toMatchObject([{ code: 'unreadable' }]);
    const later = await api('owner', 'endKey', {
      at: { appId, keyId: key.id },
      body: { overlapDays: 2, ...reason },
    });
    expect(Date.parse(later.endsAt) - Date.now()).toBeLessThanOrEqual(2 * 86_400_000);
    const ended = await api('owner', 'endKey', { at: { appId, keyId: key.id }, body: reason });
    expect(ended.revokedAt).not.toBeNull();
    expect((await api('owner', 'listKeys', { at: { appId } })).rows).toEqual([ended]);
  });

  test('a revision is handed in, taken back, handed in again and decided by a reviewer', async () => {
    const { world, vendor, api } = of();
    expect((await api('developer', 'listSubprocessors', { query: { name: 'cumulus' } })).rows).toEqual([
      { id: 'cumulus-hosting', legalName: 'Cumulus Hosting, Inc.', country: 'US' },
    ]);
    const handedIn = {
      ...{ environment: 'production', backupOwnerId: vendor.ownerId },
      revision: await revisionFor(world, 'production'),
    };
    const { appId, revisionId } = await api('developer', 'createApp', { body: handedIn });
    const at = { appId, revisionId };
    await api('developer', 'submitRevision', { at });
    await api('developer', 'withdrawSubmission', { at });
    const revision = await revisionFor(world, 'production', { name: 'Bright Second' });
    const next = await api('developer', 'saveRevision', { at, body: revision });
    const { reviewId } = await api('developer', 'submitRevision', {
      at: { appId, revisionId: next.revisionId },
    });
    const { rows } = await api('reviewer', 'listReviews', { query: { appId } });
    expect(rows).toMatchObject([{ id: reviewId, revisionNumber: 2 }]);
    const seen = await api('reviewer', 'findReview', { at: { reviewId } });
    expect(seen).toMatchObject({ refusal: null, inForce: null, revision: { name: 'Bright Second' } });
    expect(seen.diff.length).toBeGreaterThan(3);
    const decided = await api('reviewer', 'decideReview', {
      at: { reviewId },
      body: { decision: 'approve', reason: 'It is as it should be.' },
    });
    expect(decided).toEqual({ closed: true, outcome: 'approved' });
    expect(await api('developer', 'findApp', { at })).toMatchObject({ standing: null, live: { number: 2 } });

    const affectedScopes = ['patient/Patient.rs'];
    const body = { kind: 'vendor', description: 'Another cloud', affectedScopes };
    const { changeId } = await api('developer', 'recordChange', { at, body });
    expect((await api('developer', 'listChanges', { at })).rows).toMatchObject([
      { id: changeId, affectedScopes },
    ]);
    await api('operator', 'suspendApp', { at, body: reason });
    expect((await api('developer', 'findApp', { at })).standing).toBe('client_suspended');
    await api('operator', 'resumeApp', { at, body: reason });
    await api('owner', 'assignOwner', {
      at,
      body: { ownerId: vendor.ownerId, backupOwnerId: vendor.developerId },
    });
    await api('operator', 'assignContract', { at, body: { contractId: vendor.contractId } });
  });

  test('an app moves to another organization when its new owner accepts', async () => {
    const { world, other, api } = of();
    const revision = await revisionFor(world, 'sandbox');
    const { appId } = await api('owner', 'createApp', { body: { environment: 'sandbox', revision } });
    const body = { toOrganizationId: other.id, newOwnerId: other.ownerId, newContractId: null };
    const propose = async () => (await api('owner', 'proposeTransfer', { at: { appId }, body })).transferId;
    await api('newOwner', 'declineTransfer', { at: { transferId: await propose() } });
    await api('owner', 'withdrawTransfer', { at: { transferId: await propose() } });
    const transferId = await propose();
    const { rows } = await api('newOwner', 'listTransfers', { query: { open: 'true' } });
    expect(rows).toMatchObject([{ id: transferId, appId, toOrganizationId: other.id }]);
    await api('newOwner', 'acceptTransfer', { at: { transferId }, body: {} });
    expect(await api('newOwner', 'findApp', { at: { appId } })).toMatchObject({ organizationId: other.id });
  });
}
