import { commandLine } from '../policy/permissions.ts';
import { BASES, RELATIONSHIPS } from '../policy/representation.ts';
import { recordBirthDate } from '../registry/birth-dates.ts';
import { listRepresentations } from '../registry/representation-lists.ts';
import {
  changeRepresentation,
  endRepresentation,
  recordRepresentation,
} from '../registry/representations.ts';
import { type Args, type Command, JSON_OPTION, Misuse, printList } from './command.ts';

const TERMS = {
  evidence: { value: '<reference>', about: 'what was looked at, for example a court file', required: true },
  scope: { value: '<scopes>', about: 'at most these SMART scopes, "patient/MedicationRequest.rs"' },
  ends: { value: '<when>', about: 'the day or instant on which it ends, for example 2027-01-31' },
} as const;

const termsOf = (args: Args) => ({
  evidence: args.text('evidence'),
  ...(args.text('scope') === undefined ? {} : { scope: args.text('scope') }),
  ...(args.text('ends') === undefined ? {} : { endsAt: args.text('ends') }),
});

/** `<fhir base>=RelatedPerson/<id>`. */
function fhirUserOf(text: string) {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new Misuse('--fhir-user is <fhir base>=RelatedPerson/<id> or <fhir base>=Person/<id>');
  return { fhirBaseUrl: text.slice(0, at), fhirUser: text.slice(at + 1) };
}

export const representationCommands: readonly Command[] = [
  {
    words: 'representations add',
    about: 'Records that somebody may act for a patient: a parent, a guardian or a caregiver.',
    given: ['representative', 'patient'],
    options: {
      as: { value: '<relationship>', about: 'what they are to her', required: true, choices: RELATIONSHIPS },
      basis: { value: '<basis>', about: 'what it rests on', required: true, choices: BASES },
      ...TERMS,
      starts: { value: '<when>', about: 'now without it' },
      'fhir-user': { value: '<base>=<resource>', about: 'who they are at a FHIR base', multiple: true },
    },
    async run(deps, args, { print }) {
      const { representationId } = await recordRepresentation(deps, commandLine, {
        ...{ representativeId: args.given(0), patientId: args.given(1) },
        ...{ relationship: args.text('as'), basis: args.text('basis') },
        ...termsOf(args),
        ...(args.text('starts') === undefined ? {} : { startsAt: args.text('starts') }),
        fhirUsers: args.texts('fhir-user').map(fhirUserOf),
      });
      print(`Representation: ${representationId}`);
      return 0;
    },
  },
  {
    words: 'representations change',
    about: 'Narrows or extends one with a record of its own; what gives less ends the earlier one at once.',
    given: ['representation'],
    options: TERMS,
    async run(deps, args, { print }) {
      const { representationId } = await changeRepresentation(
        deps,
        commandLine,
        args.given(0),
        termsOf(args),
      );
      print(`Representation: ${representationId}`);
      return 0;
    },
  },
  {
    words: 'representations end',
    about: 'Ends the right to act for a patient, with everything that rests on it.',
    given: ['representation'],
    async run(deps, args, { print }) {
      await endRepresentation(deps, commandLine, args.given(0));
      print(`${args.given(0)} has ended.`);
      return 0;
    },
  },
  {
    words: 'representations list',
    about: 'Lists who may act for whom, the newest first.',
    options: {
      patient: { value: '<id>', about: 'for this patient' },
      representative: { value: '<id>', about: 'of this person' },
      ended: { about: 'those that are over too' },
      ...JSON_OPTION,
    },
    run(deps, args, output) {
      const filter = {
        ...{ patientId: args.text('patient'), representativeId: args.text('representative') },
        ended: args.isSet('ended'),
      };
      return printList(
        output,
        args,
        (paging) => listRepresentations(deps, commandLine, { ...paging, filter }),
        [
          ['id', ({ id }) => id],
          ['representative', ({ representativeName }) => representativeName],
          ['as', ({ relationship }) => relationship],
          ['patient', ({ patientName }) => patientName],
          ['basis', ({ basis }) => basis],
          ['scope', ({ scope }) => scope],
          ['starts', ({ startsAt }) => startsAt],
          ['until', ({ until }) => until],
          ['ended', ({ endedAt }) => endedAt],
          ['evidence', ({ evidence }) => evidence],
        ],
      );
    },
  },
  {
    words: 'patient birth-date',
    about: 'Records when a patient was born: what others could not decide at that age ends at once.',
    given: ['patient', 'date'],
    async run(deps, args, { print }) {
      const { endedGrants } = await recordBirthDate(deps, commandLine, args.given(0), {
        birthDate: args.given(1),
      });
      print(`Recorded. Consents of others that ended by it: ${endedGrants}.`);
      return 0;
    },
  },
];
