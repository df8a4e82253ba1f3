import { commandLine } from '../policy/permissions.ts';
import { recordDemographics } from '../registry/patient-demographics.ts';
import type { Command } from './command.ts';

export const identityCommands: readonly Command[] = [
  {
    words: 'patient identify',
    about:
      'Records what her health record says of a patient: who proves elsewhere who she is, is matched by it.',
    given: ['patient'],
    options: {
      'given-name': { value: '<name>', about: 'her given name', required: true },
      'family-name': { value: '<name>', about: 'her family name', required: true },
      born: { value: '<day>', about: 'her date of birth, for example 1984-03-12', required: true },
      'postal-code': { value: '<code>', about: 'one of these three at least, which must agree, too' },
      phone: { value: '<number>', about: 'her telephone' },
      email: { value: '<address>', about: 'her mail address' },
    },
    async run(deps, args, { print }) {
      const optional = {
        postalCode: args.text('postal-code'),
        phone: args.text('phone'),
        email: args.text('email'),
      };
      await recordDemographics(deps, commandLine, args.given(0), {
        ...{ givenName: args.text('given-name'), familyName: args.text('family-name') },
        birthDate: args.text('born'),
        ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      });
      print('Recorded.');
      return 0;
    },
  },
];
