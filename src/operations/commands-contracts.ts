import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CONTRACT_OPERATIONS } from '../policy/contract-limits.ts';
import { parseWindows } from '../policy/contract-windows.ts';
import { commandLine } from '../policy/permissions.ts';
import { approveRenewal, renewContract } from '../registry/contract-renewals.ts';
import {
  type ContractRow,
  changeContract,
  createContract,
  findContract,
  listContracts,
  listContractTerms,
} from '../registry/contracts.ts';
import {
  type Args,
  type Command,
  done,
  JSON_OPTION,
  Misuse,
  type Option,
  type Output,
  printRows,
} from './command.ts';
import { PERSON_OPTION, personWithPasskey } from './person-token.ts';

const TERMS: Readonly<Record<string, Option>> = {
  reference: { value: '<text>', about: 'as it stands on the contract' },
  from: { value: '<day>', about: 'when it begins, for example 2027-01-01' },
  until: { value: '<day>', about: 'when it is over: with the beginning of this day, as UTC counts it' },
  document: { value: '<file>', about: 'the signed document: its SHA-256 is kept, not the document' },
  subprocessor: { value: '<id>', about: 'an organization that processes data under it', multiple: true },
  dataset: { value: '<word>', about: 'a FHIR resource type or category that it covers', multiple: true },
  operation: {
    ...{ value: '<word>', about: 'what it covers', multiple: true },
    choices: CONTRACT_OPERATIONS,
  },
  'patients-per-hour': { value: '<count>', about: 'whose records each app may open in an hour' },
  'resources-per-hour': { value: '<count>', about: 'how many resources each app may open in an hour' },
  window: { value: '"mon-fri 08:00-18:00"', about: 'when its apps may act', multiple: true },
  'time-zone': { value: '<name>', about: 'of the windows, for example America/New_York' },
  unlimited: { about: 'no limits are agreed' },
};

const LIMITS = ['dataset', 'operation', 'patients-per-hour', 'resources-per-hour', 'window', 'time-zone'];

/** What was given of the terms. Limits are given as a whole: what is left out of them is not limited. */
async function termsIn(args: Args): Promise<Record<string, unknown>> {
  const [reference, startsAt, endsAt] = ['reference', 'from', 'until'].map((name) => args.text(name));
  const subprocessors = args.texts('subprocessor');
  const limited = LIMITS.some((name) => args.texts(name).length > 0);
  if (limited && args.isSet('unlimited')) throw new Misuse('--unlimited and limits exclude one another');
  const file = args.text('document');
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(file === undefined ? {} : { documentHash: await hashOf(file) }),
    ...(subprocessors.length === 0 ? {} : { subprocessors }),
    ...(args.isSet('unlimited') ? { limits: null } : {}),
    ...(limited ? { limits: limitsIn(args) } : {}),
  };
}

async function hashOf(file: string): Promise<string> {
  const document = await readFile(file).catch(() => {
    throw new Misuse(`--document: ${file} cannot be read`);
  });
  return createHash('sha256').update(document).digest('hex');
}

function limitsIn(args: Args) {
  const [datasets, operations, windows] = ['dataset', 'operation', 'window'].map((name) => args.texts(name));
  const [patients, resources] = ['patients-per-hour', 'resources-per-hour'].map((name) => args.text(name));
  const timeZone = args.text('time-zone');
  const count = (text: string | undefined) => (text === undefined ? null : Number(text));
  const isHours = (windows?.length ?? 0) > 0 || timeZone !== undefined;
  return {
    ...{ datasets: datasets?.length ? datasets : null, operations: operations?.length ? operations : null },
    ...{ patientsPerHour: count(patients), resourcesPerHour: count(resources) },
    hours: isHours ? { timeZone: timeZone ?? 'UTC', windows: parseWindows(windows?.join('\n') ?? '') } : null,
  };
}

const required = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { ...(TERMS[name] as Option), required: true }]));

const printContracts = (output: Output, args: Args, rows: readonly ContractRow[]): Promise<number> =>
  printRows(output, args, rows, [
    ['id', ({ id }) => id],
    ['reference', ({ reference }) => reference],
    ['from', ({ startsAt }) => startsAt],
    ['until', ({ endsAt }) => endsAt],
    ['apps', ({ apps }) => apps],
    ['renews', ({ renewsId }) => renewsId],
    ['awaits', ({ approvedAt, approvalNeeded }) => (approvedAt === null ? approvalNeeded.join(' ') : null)],
    ['limits', ({ limits }) => (limits === null ? null : JSON.stringify(limits))],
  ]);

export const contractCommands: readonly Command[] = [
  {
    words: 'contracts add',
    about: 'Records a contract with an organization, and what it lets the apps under it do.',
    given: ['organization'],
    options: { ...TERMS, ...required('reference', 'from', 'until'), ...JSON_OPTION },
    async run(deps, args, output) {
      const input = { organizationId: args.given(0), ...(await termsIn(args)) };
      const made = await createContract(deps, commandLine, input);
      return done(output, args, made, made.contractId);
    },
  },
  {
    words: 'contracts list',
    about: 'Lists the contracts of an organization, the one that ends last first.',
    ...{ given: ['organization'], options: JSON_OPTION },
    async run(deps, args, output) {
      return printContracts(output, args, await listContracts(deps, commandLine, args.given(0)));
    },
  },
  {
    words: 'contracts change',
    about:
      'Changes what is given of the terms; --until today ends it. What has begun is widened by a renewal.',
    ...{ given: ['contract'], options: { ...TERMS, ...JSON_OPTION } },
    async run(deps, args, output) {
      await changeContract(deps, commandLine, args.given(0), await termsIn(args));
      return printContracts(output, args, [await findContract(deps, commandLine, args.given(0))]);
    },
  },
  {
    words: 'contracts renew',
    about: 'Records the next period. Where the data flow changed, a reviewer approves it first.',
    ...{ given: ['contract'], options: { ...TERMS, ...required('until'), ...JSON_OPTION } },
    async run(deps, args, output) {
      const { contractId } = await renewContract(deps, commandLine, args.given(0), await termsIn(args));
      return printContracts(output, args, [await findContract(deps, commandLine, contractId)]);
    },
  },
  {
    words: 'contracts approve',
    about: 'Approves a renewal, as the reviewer whose token is given.',
    given: ['contract'],
    options: {
      reason: { value: '<text>', about: 'why: it is kept', required: true },
      ...{ ...PERSON_OPTION, ...JSON_OPTION },
    },
    async run(deps, args, output) {
      const actor = await personWithPasskey(deps, args);
      await approveRenewal(deps, actor, args.given(0), { reason: args.text('reason') });
      return printContracts(output, args, [await findContract(deps, commandLine, args.given(0))]);
    },
  },
  {
    words: 'contracts terms',
    about: 'Tells all that was ever agreed in a contract, from one change to the next.',
    ...{ given: ['contract'], options: JSON_OPTION },
    async run(deps, args, output) {
      const rows = await listContractTerms(deps, commandLine, args.given(0));
      return printRows(output, args, rows, [
        ['recorded', ({ recordedAt }) => recordedAt],
        ['by', ({ recordedBy }) => recordedBy],
        ['reference', ({ reference }) => reference],
        ['from', ({ startsAt }) => startsAt],
        ['until', ({ endsAt }) => endsAt],
        ['document', ({ documentHash }) => documentHash],
        ['limits', ({ limits }) => (limits === null ? null : JSON.stringify(limits))],
      ]);
    },
  },
];
