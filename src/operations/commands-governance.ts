import { GOVERNANCE_ACTIONS } from '../policy/governance.ts';
import { commandLine } from '../policy/permissions.ts';
import { findShownFinding } from '../registry/finding-answers.ts';
import { closeFinding, FINDING_KINDS, FINDING_STATES, listFindings } from '../registry/findings.ts';
import { listPolicies, setPolicy } from '../registry/governance-policies.ts';
import { addRestriction, endRestriction, listRestrictions } from '../registry/restriction-commands.ts';
import { RESTRICTION_KINDS } from '../registry/restrictions.ts';
import { type Args, type Command, done, JSON_OPTION, Misuse, printList } from './command.ts';

const REASON = { reason: { value: '<text>', about: 'why: it is kept', required: true } } as const;

const choice = <Name extends string>(args: Args, option: string, names: readonly Name[]) =>
  names.find((name) => name === args.text(option));

function numberIn(args: Args, option: string): number | undefined {
  const text = args.text(option);
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Misuse(`--${option} is a number`);
  return Number(text);
}

const whole = async <Row>(rows: Promise<readonly Row[]>) => ({ rows: [...(await rows)], next: null });

export const governanceCommands: readonly Command[] = [
  {
    words: 'findings list',
    about: 'Lists what must be looked into, the last one first.',
    options: {
      ...JSON_OPTION,
      state: { value: '<state>', about: 'open without it', choices: FINDING_STATES },
      kind: { value: '<kind>', about: 'of this kind', choices: FINDING_KINDS },
      app: { value: '<id>', about: 'about this app' },
    },
    run: (deps, args, output) => {
      const filter = {
        ...{ state: choice(args, 'state', FINDING_STATES), kind: choice(args, 'kind', FINDING_KINDS) },
        appId: args.text('app'),
      };
      return printList(output, args, (paging) => listFindings(deps, commandLine, { ...paging, ...filter }), [
        ['id', ({ id }) => id],
        ['kind', ({ kind }) => kind],
        ['app', ({ appName, appId }) => appName ?? appId],
        ['organization', ({ organizationName }) => organizationName],
        ['opened', ({ openedAt }) => openedAt],
        ['closed', ({ closedAt }) => closedAt],
      ]);
    },
  },
  {
    words: 'findings show',
    about: 'Shows a finding: its figures, thresholds, records, restrictions and answers, as JSON.',
    ...{ given: ['id'], options: JSON_OPTION },
    async run(deps, args, { write }) {
      const finding = await findShownFinding(deps, commandLine, args.given(0));
      await write(`${JSON.stringify(finding, null, 2)}\n`);
      return 0;
    },
  },
  {
    words: 'findings close',
    about: 'Closes a finding.',
    ...{ given: ['id'], options: { ...REASON, ...JSON_OPTION } },
    async run(deps, args, output) {
      await closeFinding(deps, commandLine, args.given(0), { reason: args.text('reason') });
      return done(output, args, { findingId: args.given(0) }, 'Closed.');
    },
  },
  {
    words: 'policies list',
    about: 'Lists what follows by itself when a rule finds something.',
    options: JSON_OPTION,
    run: (deps, args, output) =>
      printList(output, args, () => whole(listPolicies(deps, commandLine)), [
        ['rule', ({ rule }) => rule],
        ['action', ({ action }) => action],
        ['after days', ({ afterDays }) => afterDays],
        ['threshold', ({ threshold }) => threshold],
        ['set', ({ setAt }) => setAt],
        ['by', ({ setBy }) => setBy],
      ]),
  },
  {
    words: 'policies set',
    about: 'Says what follows by itself when a rule finds something. What is left out stays as it was.',
    given: ['rule'],
    options: {
      action: { value: '<action>', about: 'what follows', required: true, choices: GOVERNANCE_ACTIONS },
      'after-days': { value: '<days>', about: 'after how many days' },
      threshold: { value: '<figure>', about: 'from which figure on' },
      ...REASON,
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const [afterDays, threshold] = [numberIn(args, 'after-days'), numberIn(args, 'threshold')];
      const policy = await setPolicy(deps, commandLine, args.given(0), {
        ...{ action: args.text('action'), reason: args.text('reason') },
        ...(afterDays === undefined ? {} : { afterDays }),
        ...(threshold === undefined ? {} : { threshold }),
      });
      return done(output, args, policy, `When ${args.given(0)} finds something: ${policy.action}.`);
    },
  },
  {
    words: 'restrictions list',
    about: 'Lists what an app may not do, or might not, the last one first.',
    ...{ given: ['app'], options: JSON_OPTION },
    run: (deps, args, output) =>
      printList(output, args, () => whole(listRestrictions(deps, commandLine, args.given(0))), [
        ['id', ({ id }) => id],
        ['kind', ({ kind }) => kind],
        ['scopes', ({ scopes }) => scopes.join(' ')],
        ['since', ({ madeAt }) => madeAt],
        ['lifted', ({ liftedAt }) => liftedAt],
        ['reason', ({ reason }) => reason],
      ]),
  },
  {
    words: 'restrictions add',
    about: 'Stops scopes of an app, or puts it into quarantine until its owner confirms it.',
    given: ['app'],
    options: {
      kind: { value: '<kind>', about: 'what it may not do', required: true, choices: RESTRICTION_KINDS },
      scope: { value: '<scope>', about: 'that stops, of a narrowing', multiple: true },
      ...REASON,
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const given = { kind: args.text('kind'), scopes: args.texts('scope'), reason: args.text('reason') };
      const made = await addRestriction(deps, commandLine, args.given(0), given);
      return done(output, args, made, made.restrictionId);
    },
  },
  {
    words: 'restrictions lift',
    about: 'Lifts a restriction.',
    ...{ given: ['id'], options: { ...REASON, ...JSON_OPTION } },
    async run(deps, args, output) {
      await endRestriction(deps, commandLine, args.given(0), { reason: args.text('reason') });
      return done(output, args, { restrictionId: args.given(0) }, 'Lifted.');
    },
  },
];
