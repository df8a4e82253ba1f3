import { commandLine } from '../policy/permissions.ts';
import { CUT_OFF_KINDS, cutOffAccess, listCutOffs } from '../registry/cut-offs.ts';
import { type Command, done, JSON_OPTION, Misuse, printList } from './command.ts';

export const cutOffCommands: readonly Command[] = [
  {
    words: 'access cut-off',
    about: `Ends everything that was issued until now for one ${CUT_OFF_KINDS.join(', ')}. There is no way back.`,
    given: ['kind', 'id'],
    options: {
      reason: { value: '<text>', about: 'why: those who are concerned read it', required: true },
      'tokens-only': { about: 'consents and refresh tokens stay; of a key they always do' },
      yes: { about: 'it is meant' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const kind = CUT_OFF_KINDS.find((one) => one === args.given(0));
      if (kind === undefined) throw new Misuse(`<kind> is one of ${CUT_OFF_KINDS.join(', ')}`);
      if (!args.isSet('yes')) throw new Misuse('say --yes: there is no way back');
      const given = { kind, subjectId: args.given(1), reason: args.text('reason') };
      const reach = args.isSet('tokens-only') ? { endsGrants: false } : {};
      const { at } = await cutOffAccess(deps, commandLine, { ...given, ...reach });
      return done(output, args, { ...given, at }, `Cut off at ${at.toISOString()}.`);
    },
  },
  {
    words: 'access list',
    about: 'Lists what was cut off, for whatever cause, the last one first.',
    options: JSON_OPTION,
    run: (deps, args, output) =>
      printList(output, args, (paging) => listCutOffs(deps, commandLine, paging), [
        ['at', ({ at }) => at.toISOString()],
        ['kind', ({ kind }) => kind],
        ['id', ({ subjectId }) => subjectId],
        ['name', ({ name }) => name],
        ['ends', ({ endsGrants }) => (endsGrants ? 'tokens and consents' : 'tokens')],
        ['cause', ({ cause }) => cause],
      ]),
  },
];
