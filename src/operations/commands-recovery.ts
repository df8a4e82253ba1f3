import { commandLine } from '../policy/permissions.ts';
import { setAddress } from '../registry/patient-addresses.ts';
import { approveRecovery, resetPatient } from '../registry/recovery.ts';
import { type Command, done, JSON_OPTION } from './command.ts';

const EVIDENCE = {
  value: '<words>',
  about: 'what you looked at, without numbers of documents',
  required: true,
} as const;

export const recoveryCommands: readonly Command[] = [
  {
    words: 'patient recover',
    about:
      'Lets a patient who lost all passkeys make a new one, with one of her recovery codes: after you checked again who she is, on evidence as strong as at enrolment.',
    given: ['patient'],
    options: { evidence: EVIDENCE, ...JSON_OPTION },
    async run(deps, args, output) {
      const given = { patientId: args.given(0), evidence: args.text('evidence') };
      const { code } = await approveRecovery(deps, commandLine, given);
      const lines = [
        'Code of the help desk (single use, 24 hours; give it to her alone, in person or by telephone):',
        code,
        `She types it in, with one of her recovery codes, at ${deps.settings.issuer}/recovery/help`,
      ];
      return done(output, args, { code }, lines.join('\n'));
    },
  },
  {
    words: 'patient reset',
    about:
      'Removes all passkeys and recovery codes of a patient who lost everything, and invites her anew: after you checked again who she is, on evidence as strong as at enrolment.',
    given: ['patient'],
    options: { evidence: EVIDENCE },
    async run(deps, args, { print }) {
      const given = { patientId: args.given(0), evidence: args.text('evidence') };
      const { code } = await resetPatient(deps, commandLine, given);
      print('Invitation (single use, 24 hours; give it to her alone, in person):');
      print(`${deps.settings.issuer}/invitation#${code}`);
      return 0;
    },
  },
  {
    words: 'patient address',
    about: 'Sets a mail address of a patient that her record shows to be hers.',
    given: ['patient'],
    options: { email: { value: '<address>', about: 'where she is told what happens', required: true } },
    async run(deps, args, { print }) {
      const given = { patientId: args.given(0), address: args.text('email') };
      await setAddress(deps, commandLine, given);
      print('She is told there from now on.');
      return 0;
    },
  },
];
