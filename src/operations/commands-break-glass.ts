import { EMERGENCIES } from '../policy/break-glass.ts';
import { commandLine } from '../policy/permissions.ts';
import { requestBreakGlass } from '../registry/break-glass.ts';
import { endBreakGlass } from '../registry/break-glass-decisions.ts';
import { listBreakGlass } from '../registry/break-glass-records.ts';
import { refuse } from '../registry/input.ts';
import { actorWhoWorks } from '../registry/person-records.ts';
import { type Command, JSON_OPTION, printList } from './command.ts';

const required = (value: string, about: string) => ({ value, about, required: true });

export const breakGlassCommands: readonly Command[] = [
  {
    words: 'breakglass request',
    about:
      'Asks for access of a backend service to one record in an emergency; another person approves it in the console.',
    options: {
      app: required('<id>', 'the backend service'),
      base: required('<url>', 'the FHIR base'),
      patient: required('<id>', 'of the Patient there'),
      scope: required('<scopes>', 'SMART scopes of the patient, "patient/AllergyIntolerance.rs"'),
      purpose: { ...required('<code>', 'what for'), choices: EMERGENCIES },
      who: required('<name>', 'the clinician who will look at the record'),
      reason: required('<text>', 'why'),
      by: required('<id>', 'the operator who asks: another person approves it, in the console'),
      ticket: required('<number>', 'where the case is kept'),
      minutes: { value: '<number>', about: 'at most 60, and 60 without it' },
      ...JSON_OPTION,
    },
    async run(deps, args, { print }) {
      const minutes = args.text('minutes');
      const by = args.text('by') ?? '';
      const actor = await actorWhoWorks(deps, by, 'cli');
      if (!actor?.roles.includes('operator')) return refuse('by', 'person_not_operator', by);
      const asked = await requestBreakGlass(deps, actor, {
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
