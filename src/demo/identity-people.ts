// Who can be proved to be whom in the demo: its patients, and somebody whom no record is of.
import { demoPatients, demoRecords } from './records.ts';

export interface DemoIdentity {
  /** The provider's own name for her. */
  readonly subject: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly postalCode: string;
}

function postalCodeOf(patientId: string): string {
  const record = demoRecords.find(({ resourceType, id }) => resourceType === 'Patient' && id === patientId);
  const [address] = (record?.address ?? []) as readonly { readonly postalCode?: string }[];
  return address?.postalCode ?? '';
}

/** By the id of her Patient resource. */
export const identityOfPatient = ({ id, name, birthDate }: (typeof demoPatients)[number]): DemoIdentity => {
  const [givenName = '', ...familyName] = name.split(' ');
  return {
    subject: `demo-${id}`,
    ...{ givenName, familyName: familyName.join(' '), birthDate, postalCode: postalCodeOf(id) },
  };
};

export const demoIdentities: readonly DemoIdentity[] = [
  ...demoPatients.map(identityOfPatient),
  {
    ...{ subject: 'demo-jordan-blake', givenName: 'Jordan', familyName: 'Blake' },
    ...{ birthDate: '1990-04-17', postalCode: '60601' },
  },
];
