import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from '../policy/permissions.ts';
import {
  type Foreseen,
  findOffboarding,
  foreseeOffboarding,
  OFFBOARDING_KINDS,
  type OffboardingRow,
  offboard,
} from '../registry/offboarding.ts';
import { proveOffboarding } from '../registry/offboarding-proof.ts';
import {
  type Args,
  type Command,
  type CommandDeps,
  JSON_OPTION,
  Misuse,
  type Output,
  shown,
} from './command.ts';

/** While resource servers are waited for. */
const LOOK_MS = 1_000;

const lines = (found: Foreseen): readonly (readonly [string, string | number | Date | null])[] => [
  ['name', found.name],
  ['apps that stop', `${found.appIds.length}, of which ${found.actingIds.length} may act now`],
  [
    'apps behind it',
    found.behind.map(({ name, organizationName }) => `${name} (${organizationName})`).join(', '),
  ],
  ['patients reachable', found.patients],
  ['patients of systems', found.systemPatients],
  ['consents', found.consents],
  ['live tokens', `${found.tokens}, of which ${found.backendTokens} of backend services`],
  ['tokens until', found.tokensUntil?.toISOString() ?? null],
  ['consents until', found.consentsUntil?.toISOString() ?? null],
  ['kinds of data', found.categories.join(' ')],
  ['resource servers', found.resourceServers.map(({ name }) => name).join(', ')],
  ['requests a day', found.requestsADay],
];

const stillActive = ({ active, checked, total }: OffboardingRow) =>
  total === null ? 'counting what was live' : `${active} of ${total} still active (${checked} asked)`;

function print(output: Output, args: Args, value: object, rows: () => ReturnType<typeof lines>): void {
  if (args.isSet('json')) output.print(JSON.stringify(value, null, 2));
  else for (const [name, text] of rows()) output.print(`${`${name}:`.padEnd(22)}${shown(text)}`);
}

async function proved(deps: CommandDeps, id: string, output: Output): Promise<OffboardingRow> {
  const { store, settings, sign } = deps;
  const proof = { store, ...settings, sign };
  for (let last = ''; ; await sleep(LOOK_MS)) {
    const row = await proveOffboarding(proof, id, {
      progress: (now) => {
        if (stillActive(now) !== last) output.progress(stillActive(now));
        last = stillActive(now);
      },
    });
    if (row.receiptAt !== null) return row;
    if (last !== 'waiting') output.progress('waiting for resource servers to acknowledge');
    last = 'waiting';
  }
}

const isEnded = ({ active }: OffboardingRow): number => (active === 0 ? 0 : 1);

export const offboardingCommands: readonly Command[] = [
  {
    words: 'offboard',
    about: `Ends an ${OFFBOARDING_KINDS.join(', ')} for good, proves it, and prints the signed receipt.`,
    given: ['kind', 'id'],
    options: {
      'dry-run': { about: 'only tell what it would stop' },
      confirm: { value: '<name>', about: 'its name, letter by letter' },
      reason: { value: '<text>', about: 'why: those who are concerned read it' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const kind = OFFBOARDING_KINDS.find((one) => one === args.given(0));
      if (kind === undefined) throw new Misuse(`<kind> is one of ${OFFBOARDING_KINDS.join(', ')}`);
      const subject = { kind, subjectId: args.given(1) };
      if (args.isSet('dry-run')) {
        const found = await foreseeOffboarding(deps, commandLine, subject);
        print(output, args, found, () => lines(found));
        return 0;
      }
      const [confirm, reason] = [args.text('confirm'), args.text('reason')];
      if (confirm === undefined || reason === undefined)
        throw new Misuse('say --confirm <name> and --reason <text>: there is no way back');
      const { id } = await offboard(deps, commandLine, { ...subject, confirm, reason });
      output.progress(`Ended. Its proof is offboarding ${id}.`);
      const row = await proved(deps, id, output);
      output.print(row.receipt ?? '');
      return isEnded(row);
    },
  },
  {
    words: 'receipt show',
    about:
      'Prints the signed receipt of an offboarding; goes on with its proof where that is not at its end.',
    given: ['offboarding'],
    async run(deps, args, output) {
      const { id } = await findOffboarding(deps, commandLine, args.given(0));
      const row = await proved(deps, id, output);
      output.print(row.receipt ?? '');
      return isEnded(row);
    },
  },
];
