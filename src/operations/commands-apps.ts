import { ENVIRONMENTS } from '../policy/environments.ts';
import { commandLine } from '../policy/permissions.ts';
import { endKey, listKeys } from '../registry/app-keys.ts';
import { type AppRecord, findAppFor, listApps } from '../registry/app-records.ts';
import { offboardApp, resumeApp, suspendApp } from '../registry/app-standing.ts';
import { listReviews } from '../registry/reviews.ts';
import { type Command, JSON_OPTION, Misuse, printList, printTable, shown } from './command.ts';

const STATES = ['in_review', 'not_approved', 'suspended', 'offboarded', 'acting'] as const;
const REASON = { reason: { value: '<text>', about: 'why: its people read it', required: true } } as const;

const turns = [
  { word: 'suspend', done: 'suspended', run: suspendApp, about: 'Stops an app at the next request.' },
  { word: 'resume', done: 'resumed', run: resumeApp, about: 'Lets a suspended app act again.' },
  {
    ...{ word: 'offboard', done: 'offboarded', run: offboardApp },
    about: 'Ends an app for good: all access ends at the next request, records stay. There is no way back.',
  },
] as const;

const lines = (app: AppRecord): readonly (readonly [string, string | Date | null])[] => [
  ['id', app.id],
  ['name', app.newest.name],
  ['environment', app.environment],
  ['organization', `${app.organization.legalName} (${app.organization.id})`],
  ['owner', app.owner?.name ?? null],
  ['backup owner', app.backupOwner?.name ?? null],
  ['contract until', app.contract?.endsAt ?? null],
  ['reviewed', app.reviewedAt],
  ['attestation due', app.attestationDueAt],
  ['may act', app.standing === null ? 'yes' : `no: ${app.standing}`],
  ['stopped scopes', app.stoppedScopes.join(' ')],
  ['revision in force', app.live === null ? null : String(app.live.number)],
  ['newest revision', String(app.newest.number)],
  ['scopes', (app.live ?? app.newest).scopeCeiling],
  ['purposes', (app.live ?? app.newest).purposes.join(' ')],
];

export const appCommands: readonly Command[] = [
  {
    words: 'app list',
    about: 'Lists apps in the order of their names.',
    options: {
      organization: { value: '<id>', about: 'of this organization' },
      owner: { value: '<id>', about: 'that this person owns, or backs up' },
      environment: { value: '<environment>', about: 'where they act', choices: ENVIRONMENTS },
      state: { value: '<state>', about: 'how they stand', choices: STATES },
      name: { value: '<text>', about: 'part of the name of the app or of its organization' },
      ...JSON_OPTION,
    },
    run(deps, args, output) {
      const filter = {
        ...{
          organizationId: args.text('organization'),
          ownerId: args.text('owner'),
          name: args.text('name'),
        },
        ...{ environment: args.text('environment'), state: STATES.find((one) => one === args.text('state')) },
      };
      return printList(output, args, (paging) => listApps(deps, commandLine, { ...paging, filter }), [
        ['id', ({ id }) => id],
        ['name', ({ name }) => name],
        ['environment', ({ environment }) => environment],
        ['organization', ({ organizationName }) => organizationName],
        ['owner', ({ ownerName }) => ownerName],
        ['reviewed', ({ reviewedAt }) => reviewedAt],
        ['attestation', ({ attestationDueAt }) => attestationDueAt],
        ['suspended', ({ suspendedAt }) => suspendedAt],
        ['offboarded', ({ offboardedAt }) => offboardedAt],
      ]);
    },
  },
  {
    words: 'app show',
    about: 'Shows an app, and why it may not act if it may not.',
    given: ['app'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      const app = await findAppFor(deps, commandLine, args.given(0));
      if (args.isSet('json')) output.print(JSON.stringify(app, null, 2));
      else for (const [name, value] of lines(app)) output.print(`${`${name}:`.padEnd(20)}${shown(value)}`);
      return 0;
    },
  },
  ...turns.map(
    ({ word, done, run, about }): Command => ({
      ...{ words: `app ${word}`, about, given: ['app'] },
      options: { ...REASON, ...(word === 'offboard' ? { yes: { about: 'it is meant' } } : {}) },
      async run(deps, args, { print }) {
        if (word === 'offboard' && !args.isSet('yes')) throw new Misuse('say --yes: there is no way back');
        await run(deps, commandLine, args.given(0), { reason: args.text('reason') });
        print(`${args.given(0)} is ${done}.`);
        return 0;
      },
    }),
  ),
  {
    words: 'key list',
    about: 'Lists the keys and secrets of an app, the newest first.',
    given: ['app'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      const rows = await listKeys(deps, commandLine, args.given(0));
      if (args.isSet('json')) output.print(JSON.stringify(rows, null, 2));
      else {
        printTable(output, rows, [
          ['id', ({ id }) => id],
          ['kind', ({ kind }) => kind],
          ['kid', ({ kid }) => kid],
          ['since', ({ createdAt }) => createdAt],
          ['until', ({ revokedAt, endsAt }) => revokedAt ?? endsAt],
          ['last used', ({ lastUsedAt }) => lastUsedAt],
        ]);
      }
      return 0;
    },
  },
  {
    words: 'key end',
    about: 'Ends a key or secret of an app: at once, or after an overlap with the one that follows it.',
    given: ['app', 'key'],
    options: { 'overlap-days': { value: '<days>', about: 'how long it is accepted yet' } },
    async run(deps, args, { print }) {
      const days = args.text('overlap-days');
      if (days !== undefined && !/^\d{1,3}$/.test(days))
        throw new Misuse('--overlap-days is a number of days');
      const when = days === undefined ? 'now' : Number(days);
      const { endsAt, revokedAt } = await endKey(deps, commandLine, args.given(0), args.given(1), when);
      print(`${args.given(1)} ends at ${(revokedAt ?? endsAt).toISOString()}.`);
      return 0;
    },
  },
  {
    words: 'review list',
    about: 'Lists reviews: open ones, who waits longest first, or closed ones, the latest first.',
    options: { closed: { about: 'those that were decided' }, ...JSON_OPTION },
    run(deps, args, output) {
      const filter = { state: args.isSet('closed') ? 'closed' : 'open' } as const;
      return printList(output, args, (paging) => listReviews(deps, commandLine, { ...paging, filter }), [
        ['id', ({ id }) => id],
        ['app', ({ appName }) => appName],
        ['revision', ({ revisionNumber }) => revisionNumber],
        ['organization', ({ organizationName }) => organizationName],
        ['submitted', ({ submittedAt }) => submittedAt],
        ['approvals', ({ approvals, approvalsNeeded }) => `${approvals} of ${approvalsNeeded}`],
        ['outcome', ({ outcome }) => outcome],
      ]);
    },
  },
];
