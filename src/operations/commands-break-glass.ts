import { EMERGENCIES, REVIEW_OUTCOMES } from '../policy/break-glass.ts';
import { commandLine } from '../policy/permissions.ts';
import { requestBreakGlass } from '../registry/break-glass.ts';
import {
  approveBreakGlass,
  denyBreakGlass,
  endBreakGlass,
  reviewBreakGlass,
} from '../registry/break-glass-decisions.ts';
import { listBreakGlass } from '../registry/break-glass-records.ts';
import { type Command, JSON_OPTION, printList } from './command.ts';

const REASON = { value: '<text>', about: 'why', required: true } as const;
const required = (value: string, about: string) => ({ value, about, required: true });

export const breakGlassCommands: readonly Command[] = [
  {
    words: 'breakglass request',
    about: 'Asks for access of a backend service to one record in an emergency; somebody else approves it.',
    options: {
      app: required('<id>', 'the backend service'),
      base: required('<url>', 'the FHIR base'),
      patient: required('<id>', 'of the Patient there'),
      scope: required('<scopes>', 'SMART scopes of the patient, "patient/AllergyIntolerance.rs"'),
      purpose: { ...required('<code>', 'what for'), choices: EMERGENCIES },
      who: required('<name>', 'the clinician who will look at the record'),
      reason: REASON,
      ticket: required('<number>', 'where the case is kept'),
      minutes: { value: '<number>', about: 'at most 60, and 60 without it' },
      ...JSON_OPTION,
    },
    async run(deps, args, { print }) {
      const minutes = args.text('minutes');
      const asked = await requestBreakGlass(deps, commandLine, {
        ...{ appId: args.text('app'), fhirBaseUrl: args.text('base'), fhirId: args.text('patient') },
        ...{ scope: args.text('scope'), purpose: args.text('purpose'), who: args.text('who') },
        ...{ reason: args.text('reason'), ticket: args.text('ticket') },
        ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
      });
      if (args.isSet('json')) print(JSON.stringify(asked));
      else {
        print(`Break-glass: ${asked.breakGlassId}`);
        print(
          asked.endsAt === null ? 'It waits for an approval.' : `It ends at ${asked.endsAt.toISOString()}.`,
        );
      }
      return 0;
    },
  },
  {
    words: 'breakglass approve',
    about: 'Grants what somebody else asked for: it begins now, and the patient is told.',
    given: ['break-glass'],
    async run(deps, args, { print }) {
      const { endsAt } = await approveBreakGlass(deps, commandLine, args.given(0));
      print(`It ends at ${endsAt.toISOString()}.`);
      return 0;
    },
  },
  {
    words: 'breakglass deny',
    about: 'Denies what somebody else asked for.',
    given: ['break-glass'],
    options: { reason: REASON },
    async run(deps, args, { print }) {
      await denyBreakGlass(deps, commandLine, args.given(0), { reason: args.text('reason') });
      print(`${args.given(0)} was denied.`);
      return 0;
    },
  },
  {
    words: 'breakglass end',
    about: 'Ends it at once, with every token that was issued under it.',
    given: ['break-glass'],
    async run(deps, args, { print }) {
      await endBreakGlass(deps, commandLine, args.given(0));
      print(`${args.given(0)} has ended.`);
      return 0;
    },
  },
  {
    words: 'breakglass review',
    about: 'Says whether what somebody else opened was justified.',
    given: ['break-glass'],
    options: {
      outcome: { value: '<outcome>', about: 'what was found', required: true, choices: REVIEW_OUTCOMES },
      note: { value: '<text>', about: 'what it rests on', required: true },
    },
    async run(deps, args, { print }) {
      const found = { outcome: args.text('outcome'), note: args.text('note') };
      await reviewBreakGlass(deps, commandLine, args.given(0), found);
      print(`${args.given(0)} was reviewed.`);
      return 0;
    },
  },
  {
    words: 'breakglass list',
    about: 'Lists access in an emergency or for support, the last one first.',
    options: {
      waiting: { about: 'those alone that wait for an approval or a review' },
      patient: { value: '<id>', about: 'to the record of this patient' },
      ...JSON_OPTION,
    },
    run(deps, args, output) {
      const filter = { patientId: args.text('patient'), waiting: args.isSet('waiting') };
      return printList(output, args, (paging) => listBreakGlass(deps, commandLine, { ...paging, filter }), [
        ['id', ({ id }) => id],
        ['kind', ({ kind }) => kind],
        ['who', ({ who }) => who],
        ['patient', ({ patientId }) => patientId],
        ['app', ({ appId }) => appId],
        ['state', ({ state }) => state],
        ['asked', ({ requestedAt }) => requestedAt.toISOString()],
        ['ends', ({ endedAt, endsAt }) => (endedAt ?? endsAt)?.toISOString()],
        ['review', ({ awaitsReview, outcome }) => (awaitsReview ? 'waits' : outcome)],
        ['ticket', ({ ticket }) => ticket],
      ]);
    },
  },
];
