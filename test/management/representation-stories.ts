import { expect, test } from '@jest/globals';
import type { ApiWorld } from '../setup/api-world.ts';

/** Operators record who may act for whom. */
export function representationStories(of: () => ApiWorld): void {
  test('an operator records, narrows and ends a representation, and a birth date', async () => {
    const { world, api } = of();
    const idOf = async (name: string) =>
      (await world.store.prisma.patient.findFirstOrThrow({ where: { name } })).id;
    const [representativeId, patientId] = [await idOf('Ana Rivera'), await idOf('Maya Chen')];
    const at = { patientId };
    const recorded = await api('operator', 'recordBirthDate', { at, body: { birthDate: '2017-06-05' } });
    expect(recorded).toEqual({ endedGrants: 0 });
    const right = { representativeId, patientId, relationship: 'parent', basis: 'minority' };
    const { representationId } = await api('operator', 'recordRepresentation', {
      body: { ...right, evidence: 'Birth certificate' },
    });
    const narrower = await api('operator', 'changeRepresentation', {
      ...{ at: { representationId }, body: { scope: 'patient/Patient.rs', evidence: 'Letter' } },
    });
    const query = { patientId, ended: 'true' };
    const { rows } = await api('operator', 'listRepresentations', { query });
    expect(rows).toMatchObject([
      { ...right, id: narrower.representationId, firstId: representationId, standing: true },
      { ...right, id: representationId, firstId: null, standing: false },
    ]);
    expect(JSON.stringify(rows)).not.toContain('2017-06-05');
    await api('operator', 'endRepresentation', { at: { representationId } });
    expect((await api('operator', 'listRepresentations')).rows).toEqual([]);
  });
}
