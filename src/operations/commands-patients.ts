import { commandLine } from '../policy/permissions.ts';
import { addPatient, invitePatient, listPatients, showPatient } from '../registry/patients.ts';
import { type Command, JSON_OPTION, Misuse, printList, shown } from './command.ts';

/** `<fhir base>=<id>`; `Patient/` before the id may be there. */
function recordOf(text: string) {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new Misuse('--record is <fhir base>=<Patient id>');
  return { fhirBaseUrl: text.slice(0, at), fhirId: text.slice(at + 1).replace(/^Patient\//, '') };
}

const placeOf = ({ fhirBaseUrl, fhirId }: ReturnType<typeof recordOf>) => `${fhirBaseUrl}/Patient/${fhirId}`;

export const patientCommands: readonly Command[] = [
  {
    words: 'patient add',
    about:
      'Adds a patient, with the records that are hers: she makes a passkey with an invitation, or by proofing.',
    options: {
      name: { value: '<name>', about: 'her name, as she reads it', required: true },
      record: {
        ...{
          value: '<base>=<id>',
          about: 'her Patient resource at a FHIR base',
          required: true,
          multiple: true,
        },
      },
    },
    async run(deps, args, { print }) {
      const records = args.texts('record').map(recordOf);
      const { patientId } = await addPatient(deps, commandLine, { name: args.text('name'), records });
      print(`Patient: ${patientId}`);
      return 0;
    },
  },
  {
    words: 'patient invite',
    about: 'Shows once the link with which a patient makes her first passkey; it ends those before it.',
    given: ['patient'],
    async run(deps, args, { print }) {
      const { code } = await invitePatient(deps, commandLine, args.given(0));
      print('Invitation (single use, 24 hours; give it to her alone):');
      print(`${deps.settings.issuer}/invitation#${code}`);
      return 0;
    },
  },
  {
    words: 'patient list',
    about: 'Lists patients in the order of their names.',
    options: { name: { value: '<text>', about: 'part of the name' }, ...JSON_OPTION },
    run(deps, args, output) {
      const filter = { name: args.text('name') };
      return printList(output, args, (paging) => listPatients(deps, commandLine, { ...paging, filter }), [
        ['id', ({ id }) => id],
        ['name', ({ name }) => name],
        ['records', ({ records }) => records.length],
        ['identified', ({ identified }) => (identified ? 'yes' : 'no')],
        ['passkeys', ({ passkeys }) => passkeys],
        ['invited until', ({ invitedUntil }) => invitedUntil?.toISOString()],
      ]);
    },
  },
  {
    words: 'patient show',
    about: 'Shows a patient: her records, and whether she has come.',
    given: ['patient'],
    options: JSON_OPTION,
    async run(deps, args, { print, write }) {
      const patient = await showPatient(deps, commandLine, args.given(0));
      if (args.isSet('json')) {
        await write(`${JSON.stringify(patient, null, 2)}\n`);
        return 0;
      }
      print(`Patient: ${patient.id}`);
      print(`Name: ${shown(patient.name)}`);
      for (const one of patient.records) print(`Record: ${shown(placeOf(one))}`);
      print(`Identified: ${patient.identified ? 'yes' : 'no (postern patient identify)'}`);
      print(`Passkeys: ${patient.passkeys}`);
      print(`Invited until: ${shown(patient.invitedUntil?.toISOString())}`);
      return 0;
    },
  },
];
