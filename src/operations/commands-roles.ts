import { commandLine, roles } from '../policy/permissions.ts';
import { changePerson, inviteAgain } from '../registry/people.ts';
import { findPerson } from '../registry/person-records.ts';
import { endRole, grantRole } from '../registry/roles.ts';
import { type Command, done, JSON_OPTION, Misuse } from './command.ts';

const turns = [
  { word: 'grant', run: grantRole, about: 'Gives a person a role.' },
  { word: 'end', run: endRole, about: 'Takes a role from a person, true at her next request.' },
] as const;

export const roleCommands: readonly Command[] = [
  ...turns.map(
    ({ word, run, about }): Command => ({
      ...{ words: `role ${word}`, about, given: ['person'] },
      options: {
        role: { value: '<role>', about: 'which', required: true, choices: roles },
        reason: { value: '<text>', about: 'why: it is kept', required: true },
        ...JSON_OPTION,
      },
      async run(deps, args, output) {
        const [personId, role] = [args.given(0), args.text('role')];
        await run(deps, commandLine, personId, { role, reason: args.text('reason') });
        const person = await findPerson(deps, commandLine, personId);
        const held = { personId, roles: person.roles };
        return done(output, args, held, `${person.name}: ${person.roles.join(' ') || 'no role'}`);
      },
    }),
  ),
  {
    words: 'person show',
    about: 'Shows a person, her roles and what she answers for, as JSON.',
    ...{ given: ['person'], options: JSON_OPTION },
    async run(deps, args, { write }) {
      const found = await findPerson(deps, commandLine, args.given(0));
      await write(`${JSON.stringify(found, null, 2)}\n`);
      return 0;
    },
  },
  {
    words: 'person change',
    about: 'Changes the name or the mail address of a person.',
    given: ['person'],
    options: {
      name: { value: '<name>', about: 'their name' },
      email: { value: '<address>', about: 'their mail address' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const [name, email] = [args.text('name'), args.text('email')];
      const given = { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
      if (Object.keys(given).length === 0) throw new Misuse('say --name or --email');
      await changePerson(deps, commandLine, args.given(0), given);
      return done(output, args, { personId: args.given(0) }, `${args.given(0)} is changed.`);
    },
  },
  {
    words: 'person invite-again',
    about: 'A new invitation for who lost hers, or her passkey: single use, 24 hours, for her alone.',
    ...{ given: ['person'], options: JSON_OPTION },
    async run(deps, args, output) {
      const { code } = await inviteAgain(deps, commandLine, args.given(0));
      const invitation = `${deps.settings.issuer}/invitation#${code}`;
      return done(output, args, { invitation }, invitation);
    },
  },
];
