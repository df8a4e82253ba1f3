import { REVIEW_OUTCOMES } from '../policy/break-glass.ts';
import { requestSupportAccess } from '../registry/break-glass.ts';
import { approveBreakGlass, denyBreakGlass, reviewBreakGlass } from '../registry/break-glass-decisions.ts';
import { lookAtPatient } from '../registry/support-access.ts';
import { type Command, done, JSON_OPTION } from './command.ts';
import { PERSON_OPTION, personWithPasskey } from './person-token.ts';

const required = (value: string, about: string) => ({ value, about, required: true });
const REASON = { reason: required('<text>', 'why: it is kept') };
const PERSON = { ...PERSON_OPTION, ...JSON_OPTION };

/** What a person answers for by name: nobody decides about what she asked for herself. */
export const namedBreakGlassCommands: readonly Command[] = [
  {
    words: 'breakglass support',
    about: 'Asks to see what a patient shares, to help her; another person approves it.',
    options: {
      patient: required('<id>', 'whom to help'),
      reason: required('<text>', 'why: the patient reads it'),
      ticket: required('<number>', 'where the case is kept'),
      minutes: { value: '<number>', about: 'at most 60, and 60 without it' },
      ...PERSON,
    },
    async run(deps, args, output) {
      const actor = await personWithPasskey(deps, args);
      const minutes = args.text('minutes');
      const asked = await requestSupportAccess(deps, actor, {
        ...{ patientId: args.text('patient'), reason: args.text('reason'), ticket: args.text('ticket') },
        ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
      });
      return done(output, args, asked, `Break-glass: ${asked.breakGlassId}\nIt waits for an approval.`);
    },
  },
  {
    words: 'breakglass look',
    about: 'Shows, as JSON, what the patient shares while the support access is open; it is recorded.',
    ...{ given: ['break-glass'], options: PERSON },
    async run(deps, args, { write }) {
      const seen = await lookAtPatient(deps, await personWithPasskey(deps, args), args.given(0));
      await write(`${JSON.stringify(seen, null, 2)}\n`);
      return 0;
    },
  },
  {
    words: 'breakglass approve',
    about: 'Grants what somebody else asked for: it begins now, and the patient is told.',
    given: ['break-glass'],
    options: { ...REASON, ...PERSON },
    async run(deps, args, output) {
      const actor = await personWithPasskey(deps, args);
      const opened = await approveBreakGlass(deps, actor, args.given(0), { reason: args.text('reason') });
      return done(output, args, opened, `It ends at ${opened.endsAt.toISOString()}.`);
    },
  },
  {
    words: 'breakglass deny',
    about: 'Denies what somebody else asked for.',
    given: ['break-glass'],
    options: { ...REASON, ...PERSON },
    async run(deps, args, output) {
      const [actor, breakGlassId] = [await personWithPasskey(deps, args), args.given(0)];
      await denyBreakGlass(deps, actor, breakGlassId, { reason: args.text('reason') });
      return done(output, args, { breakGlassId }, `${breakGlassId} is denied.`);
    },
  },
  {
    words: 'breakglass review',
    about: 'Says whether what somebody else opened was justified.',
    given: ['break-glass'],
    options: {
      outcome: { ...required('<outcome>', 'which'), choices: REVIEW_OUTCOMES },
      note: required('<text>', 'what was found'),
      ...PERSON,
    },
    async run(deps, args, output) {
      const [actor, breakGlassId] = [await personWithPasskey(deps, args), args.given(0)];
      const review = { outcome: args.text('outcome'), note: args.text('note') };
      await reviewBreakGlass(deps, actor, breakGlassId, review);
      return done(output, args, { breakGlassId, ...review }, `${breakGlassId} is reviewed.`);
    },
  },
];
