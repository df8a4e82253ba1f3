import { EMERGENCIES } from '../policy/break-glass.ts';
import { commandLine } from '../policy/permissions.ts';
import { requestBreakGlass } from '../registry/break-glass.ts';
import { endBreakGlass } from '../registry/break-glass-decisions.ts';
import { listBreakGlass } from '../registry/break-glass-records.ts';
import { type Command, done, JSON_OPTION, printList } from './command.ts';
import { PERSON_OPTION, personOf } from './person-token.ts';

const required = (value: string, about: string) => ({ value, about, required: true });

export const breakGlassCommands: readonly Command[] = [
  {
    words: 'breakglass request',
    about: 'Asks for access of a backend service to one record in an emergency; another person approves it.',
    options: {
      app: required('<id>', 'the backend service'),
      base: required('<url>', 'the FHIR base'),
      patient: required('<id>', 'of the Patient there'),
      scope: required('<scopes>', 'SMART scopes of the patient, "patient/AllergyIntolerance.rs"'),
      purpose: { ...required('<code>', 'what for'), choices: EMERGENCIES },
      who: required('<name>', 'the clinician who will look at the record'),
      reason: required('<text>', 'why'),
      ...PERSON_OPTION,
      ticket: required('<number>', 'where the case is kept'),
      minutes: { value: '<number>', about: 'at most 60, and 60 without it' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const minutes = args.text('minutes');
      const actor = await personOf(deps, args);
      const asked = await requestBreakGlass(deps, actor, {
        ...{ appId: args.text('app'), fhirBaseUrl: args.text('base'), fhirId: args.text('patient') },
        ...{ scope: args.text('scope'), purpose: args.text('purpose'), who: args.text('who') },
        ...{ reason: args.text('reason'), ticket: args.text('ticket') },
        ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
      });
      const until =
        asked.endsAt === null ? 'It waits for an approval.' : `It ends at ${asked.endsAt.toISOString()}.`;
      return done(output, args, asked, `Break-glass: ${asked.breakGlassId}\n${until}`);
    },
  },
  {
    words: 'breakglass end',
    about: 'Ends it at once, with every token that was issued under it.',
    given: ['break-glass'],
    options: { reason: required('<text>', 'why: it is kept'), ...JSON_OPTION },
    async run(deps, args, output) {
      const breakGlassId = args.given(0);
      await endBreakGlass(deps, commandLine, breakGlassId, { reason: args.text('reason') });
      return done(output, args, { breakGlassId }, `${breakGlassId} has ended.`);
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
