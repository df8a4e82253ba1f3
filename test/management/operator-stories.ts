import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { addServerSecret } from '../../src/registry/server-secrets.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import type { ApiWorld } from '../setup/api-world.ts';
import { freshKey } from '../setup/registration-client.ts';
import { registryDeps } from '../setup/registry-deps.ts';

const reason = { reason: 'A test' };

/** Operators at work on organizations, servers and EHRs, and who reads the inventory. */
export function operatorStories(of: () => ApiWorld): void {
  test('an operator looks after organizations and contracts', async () => {
    const { api, vendor } = of();
    const facts = { legalName: 'Clear Labs', kind: 'vendor', country: 'US' };
    const { organizationId } = await api('operator', 'createOrganization', { body: facts });
    const at = { organizationId };
    await api('operator', 'changeOrganization', { at, body: { identifier: 'EIN 12-3456789' } });
    await api('operator', 'admitOrganization', { at, body: { reason: 'Its papers are in order.' } });
    await api('operator', 'suspendOrganization', { at, body: reason });
    await api('operator', 'resumeOrganization', { at, body: reason });
    expect(await api('operator', 'findOrganization', { at })).toMatchObject({
      ...facts,
      ...{ identifier: 'EIN 12-3456789', suspendedAt: null, lookAlikes: [] },
    });
    const query = { name: 'Clear', state: 'admitted' };
    expect((await api('operator', 'listOrganizations', { query })).rows).toMatchObject([
      { id: organizationId },
    ]);
    const terms = { reference: 'A 1', startsAt: '2026-01-01', endsAt: '2030-01-01' };
    const { contractId } = await api('operator', 'createContract', { body: { organizationId, ...terms } });
    await api('operator', 'changeContract', { at: { contractId }, body: { reference: 'A 2' } });
    const contract = await api('operator', 'findContract', { at: { contractId } });
    expect(contract).toMatchObject({
      reference: 'A 2',
      organizationId,
      startsAt: '2026-01-01T00:00:00.000Z',
    });
    expect((await api('operator', 'listContracts', { at })).rows).toEqual([contract]);
    const limits = { datasets: ['Goal'] };
    await api('operator', 'changeContract', { at: { contractId }, body: { limits } });
    const body = { endsAt: '2032-01-01', limits: null };
    const renewal = await api('operator', 'renewContract', { at: { contractId }, body });
    expect(renewal.approvalNeeded).toEqual(['limits_widened']);
    await api('reviewer', 'approveRenewal', { at: { contractId: renewal.contractId }, body: reason });
    const { rows: agreed } = await api('owner', 'listContractTerms', {
      at: { contractId: vendor.contractId },
    });
    expect(agreed).toMatchObject([{ n: 1, reference: 'Agreement 1', limits: null, agreed: true }]);
    const { rows } = await api('operator', 'listOrganizationEvents', { at, query: { limit: '2' } });
    expect(rows).toHaveLength(2);
  });

  test('an operator brings in a patient, and no invitation is shown', async () => {
    const { world, api } = of();
    const records = [{ fhirBaseUrl: world.fhirBase, fhirId: 'api-patient' }];
    const { patientId } = await api('operator', 'addPatient', { body: { name: 'Api Patient', records } });
    await issueInvitation(world.store, { patientId });
    const found = await api('operator', 'findPatient', { at: { patientId } });
    expect(found).toEqual({
      ...{ id: patientId, name: 'Api Patient', records, identified: false, passkeys: 0 },
      ...{ createdAt: expect.any(String), invitedUntil: expect.any(String) },
    });
    expect((await api('operator', 'listPatients', { query: { name: 'api pat' } })).rows).toEqual([found]);
  });

  test('an operator ends an organization for good, and reads how far the proof is', async () => {
    const { api } = of();
    const facts = { legalName: 'Gone Labs', kind: 'vendor', country: 'US' };
    const { organizationId } = await api('operator', 'createOrganization', { body: facts });
    const subject = { kind: 'organization', subjectId: organizationId };
    expect(await api('operator', 'foreseeOffboarding', { body: subject })).toMatchObject({
      ...{ name: 'Gone Labs', patients: 0, consents: 0, tokens: 0, appIds: [], categories: [] },
    });
    const body = { ...subject, ...reason, confirm: 'Gone Labs' };
    const { id } = await api('operator', 'offboard', { body });
    const found = await api('operator', 'findOffboarding', { at: { offboardingId: id } });
    expect(found).toMatchObject({ ...subject, subjectName: 'Gone Labs', receipt: null });
    expect((await api('operator', 'listOffboardings', { query: { limit: '1' } })).rows).toEqual([found]);
  });

  test('an operator looks after FHIR servers and EHRs', async () => {
    const { world, api } = of();
    const slug = `clinic-${randomUUID().slice(0, 8)}`;
    const fhirBases = [{ url: `https://${slug}.example/r4`, slug, environment: 'sandbox' }];
    const body = { name: 'Clinic', fhirBases, jwks: { keys: [await freshKey()] } };
    const { resourceServerId: serverId } = await api('operator', 'createResourceServer', { body });
    const keyed = await api('operator', 'findResourceServer', { at: { serverId } });
    expect(keyed.jwks.keys).toMatchObject(body.jwks.keys);
    await api('operator', 'changeResourceServer', { at: { serverId }, body: { name: 'Clinic A' } });
    await api('operator', 'replaceServerKeys', { at: { serverId }, body: { jwks: null } });
    const more = { url: `https://${slug}.example/stu3`, slug: `${slug}-2`, environment: 'production' };
    await api('operator', 'addFhirBase', { at: { serverId }, body: more });
    await api('operator', 'suspendResourceServer', { at: { serverId }, body: reason });
    await api('operator', 'resumeResourceServer', { at: { serverId }, body: reason });
    const { id: secretId } = await addServerSecret(registryDeps(world), commandLine, serverId);
    const { rows: secrets } = await api('operator', 'listServerSecrets', { at: { serverId } });
    expect(secrets).toMatchObject([{ id: secretId, revokedAt: null }]);
    expect(JSON.stringify(secrets)).not.toContain('argon2');
    await api('operator', 'endServerSecret', { at: { serverId, secretId }, body: { reason: 'It leaked.' } });
    const server = await api('operator', 'findResourceServer', { at: { serverId } });
    expect(server).toMatchObject({ name: 'Clinic A', suspendedAt: null, jwks: null });
    expect(server.fhirBases).toHaveLength(2);
    expect((await api('operator', 'listResourceServers')).rows).toContainEqual(server);
    const { rows: bases } = await api('developer', 'listFhirBases', { query: { environment: 'sandbox' } });
    expect(bases).toContainEqual({ ...fhirBases[0], serverName: 'Clinic A' });

    const jwks = { keys: [await freshKey()] };
    const given = { name: 'Clinic EHR', fhirBaseUrl: more.url, jwks };
    const { ehrId } = await api('operator', 'createEhr', { body: given });
    await api('operator', 'changeEhr', { at: { ehrId }, body: { name: 'Clinic EHR 2' } });
    await api('operator', 'suspendEhr', { at: { ehrId }, body: reason });
    await api('operator', 'resumeEhr', { at: { ehrId }, body: reason });
    const ehr = await api('operator', 'findEhr', { at: { ehrId } });
    expect(ehr).toMatchObject({ name: 'Clinic EHR 2', fhirBaseUrl: more.url });
    expect((await api('operator', 'listEhrs')).rows).toContainEqual(ehr);
  });

  test('an operator cuts off a purpose, with all that it includes', async () => {
    const { world, api } = of();
    const body = { kind: 'purpose', subjectId: 'HMARKT', ...reason };
    const { at } = await api('operator', 'cutOffAccess', { body });
    const { rows } = await api('operator', 'listCutOffs', { query: { limit: '1' } });
    const found = { kind: 'purpose', subjectId: 'HMARKT', name: 'HMARKT', endsGrants: true, at };
    expect(rows).toEqual([{ ...found, cause: 'access.cut_off' }]);
    await api('operator', 'cutOffAccess', { body: { ...body, subjectId: 'HPAYMT', endsGrants: false } });
    const where = { kind: 'purpose', grantsBefore: null };
    const parts = await world.store.prisma.cutOff.findMany({ where, select: { subjectId: true } });
    expect(parts.map(({ subjectId }) => subjectId)).toContain('ELIGDTRM');
    expect(parts).toHaveLength(10);
  });

  test('who oversees reads the inventory, page by page and as a file', async () => {
    const { world, api } = of();
    const first = await api('reviewer', 'listInventory', { query: { limit: '2' } });
    const second = await api('reviewer', 'listInventory', { query: { limit: '2', after: first.next } });
    expect([first.rows, second.rows].map(({ length }) => length)).toEqual([2, 2]);
    expect(second.rows[0].id).not.toBe(first.rows[0].id);
    const { rows: counts } = await api('reviewer', 'countInventory');
    expect(counts.map(({ kind }: { kind: string }) => kind)).toContain('app');
    const csv = await api('reviewer', 'exportInventory', { query: { format: 'csv', kind: 'app' } });
    expect(csv.split('\r\n')[0]).toMatch(/^kind,id,name,/);
    const json = await api('reviewer', 'exportInventory', { query: { format: 'json', kind: 'ehr' } });
    expect(json).toMatchObject({ issuer: world.issuer });
  });
}
