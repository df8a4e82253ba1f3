import { expect, test } from '@jest/globals';
import { apiUser } from '../setup/api-client.ts';
import type { ApiWorld } from '../setup/api-world.ts';
import { registerApp } from '../setup/registrations.ts';

/** A vendor asks for access in an emergency, and two of the operator's people decide about it. */
export function breakGlassStories(of: () => ApiWorld): void {
  test('access in an emergency is asked for, approved, ended, reviewed and denied', async () => {
    const { world, vendor, api } = of();
    const appId = await registerApp(world, world.backendId, {
      ...{ purposes: ['TREAT'], organizationId: vendor.id },
    });
    const body = {
      ...{ appId, fhirBaseUrl: world.fhirBase, fhirId: 'ana-rivera', scope: 'patient/Patient.rs' },
      ...{ purpose: 'ETREAT', who: 'Dr. Amy Lee', reason: 'Unconscious', ticket: 'ED-1', minutes: 10 },
    };
    const { breakGlassId, endsAt } = await api('developer', 'requestBreakGlass', { body });
    expect(endsAt).toBeNull();
    const at = { breakGlassId };
    const waiting = await api('operator', 'listBreakGlass', { query: { waiting: 'true' } });
    expect(waiting.rows).toMatchObject([{ id: breakGlassId, state: 'waiting', who: 'Dr. Amy Lee' }]);
    expect((await api('newOwner', 'listBreakGlass')).rows).toEqual([]);
    await api('operator', 'approveBreakGlass', { at, body: { reason: 'It is known.' } });
    expect(await api('owner', 'findBreakGlass', { at })).toMatchObject({ state: 'open', minutes: 10 });
    await api('owner', 'endBreakGlass', { at, body: { reason: 'It is over.' } });
    const officer = await apiUser(world, 'demo-network', ['security_officer']);
    await api(officer, 'reviewBreakGlass', { at, body: { outcome: 'justified', note: 'As reported.' } });
    expect(await api('owner', 'findBreakGlass', { at })).toMatchObject({
      state: 'ended',
      outcome: 'justified',
    });
    const other = await api('developer', 'requestBreakGlass', { body });
    const denied = { at: { breakGlassId: other.breakGlassId }, body: { reason: 'Not an emergency.' } };
    await api('operator', 'denyBreakGlass', denied);
    const { rows } = await api('owner', 'listBreakGlass');
    expect(rows.map(({ state }: { state: string }) => state)).toEqual(['denied', 'ended']);
  });

  test('who helps a patient asks for a look, which somebody else grants, and every look is on record', async () => {
    const { world, api } = of();
    const officer = await apiUser(world, 'demo-network', ['security_officer']);
    const { id: patientId } = await world.store.prisma.patient.findFirstOrThrow();
    const body = { patientId, reason: 'She cannot find an app.', ticket: 'H-1', minutes: 5 };
    const { breakGlassId } = await api(officer, 'requestSupportAccess', { body });
    const at = { breakGlassId };
    await api('operator', 'approveBreakGlass', { at, body: { reason: 'She asked for help.' } });
    expect((await api(officer, 'lookAtPatient', { at })).glass).toMatchObject({ patientId, kind: 'support' });
    const looks = await world.store.prisma.auditEvent.findMany({ where: { type: 'patient.looked_at' } });
    expect(looks).toMatchObject([{ accountId: officer.personId, patientId }]);
    const { code } = await api('operator', 'approveRecovery', {
      body: { patientId, evidence: 'Passport, in person' },
    });
    expect(code).toMatch(/^[A-Z0-9-]+$/);
  });
}
