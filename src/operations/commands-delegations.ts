import { commandLine } from '../policy/permissions.ts';
import { askPlatform, type DelegationRow, endDelegation, listDelegations } from '../registry/delegations.ts';
import { type Command, JSON_OPTION, printRows } from './command.ts';

const stateOf = ({ acceptedAt, endedAt }: DelegationRow) => {
  if (endedAt !== null) return 'ended';
  return acceptedAt === null ? 'asked' : 'acts';
};

export const delegationCommands: readonly Command[] = [
  {
    words: 'delegation list',
    about: 'Lists which platforms act or acted for an app, and for which apps it does.',
    given: ['app'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      const rows = await listDelegations(deps, commandLine, args.given(0));
      return printRows(output, args, rows, [
        ['id', ({ id }) => id],
        ['app', ({ appName, appId }) => `${appName} (${appId})`],
        ['platform', ({ platformName, platformId }) => `${platformName} (${platformId})`],
        ['state', stateOf],
        ['since', ({ acceptedAt, askedAt }) => acceptedAt ?? askedAt],
      ]);
    },
  },
  {
    words: 'delegation add',
    about: 'Lets a platform act for an app: from now on the keys of the platform are those of the app.',
    given: ['app', 'platform'],
    options: {},
    async run(deps, args, { print }) {
      const input = { platformId: args.given(1) };
      const { delegationId } = await askPlatform(deps, commandLine, args.given(0), input);
      print(delegationId);
      return 0;
    },
  },
  {
    words: 'delegation end',
    about: 'Ends a delegation: what was issued through the platform is over at the next request.',
    given: ['delegation'],
    options: { reason: { value: '<text>', about: 'why: its people read it', required: true } },
    async run(deps, args, { print }) {
      await endDelegation(deps, commandLine, args.given(0), { reason: args.text('reason') });
      print('The delegation has ended.');
      return 0;
    },
  },
];
