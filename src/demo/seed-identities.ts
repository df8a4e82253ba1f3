import { demographicsOf } from '../policy/demographics.ts';
import type { Store } from '../store/database.ts';
import { putDemographics } from '../store/patient-demographics.ts';
import { identityOfPatient } from './identity-people.ts';
import { demoPatients } from './records.ts';

/** What the network knows of the demo's patients. After `seedDemo`. */
export async function seedIdentities(store: Store): Promise<void> {
  const { prisma } = store;
  for (const one of demoPatients) {
    const patient = await prisma.patient.findFirst({ where: { name: one.name } });
    const demographics = demographicsOf(identityOfPatient(one));
    if (patient === null || demographics === undefined) continue;
    await prisma.$transaction((tx) => putDemographics(tx, patient.id, demographics, 'demo'));
  }
}
