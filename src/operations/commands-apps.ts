import { ENVIRONMENTS } from '../policy/environments.ts';
import { commandLine } from '../policy/permissions.ts';
import { type AppRecord, findAppFor, listApps } from '../registry/app-records.ts';
import { assignContract, assignOwner, offboardApp, resumeApp, suspendApp } from '../registry/app-standing.ts';
import { type Command, done, JSON_OPTION, Misuse, printList, shown } from './command.ts';

const STATES = ['in_review', 'not_approved', 'quarantined', 'suspended', 'offboarded', 'acting'] as const;
const REASON = { reason: { value: '<text>', about: 'why: its people read it', required: true } } as const;

const turns = [
  { word: 'suspend', state: 'suspended', run: suspendApp, about: 'Stops an app at the next request.' },
  { word: 'resume', state: 'resumed', run: resumeApp, about: 'Lets a suspended app act again.' },
  {
    ...{ word: 'offboard', state: 'offboarded', run: offboardApp },
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
  ['in quarantine since', app.quarantinedAt],
  ['platform', app.platform?.name ?? null],
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
        ['quarantined', ({ quarantinedAt }) => quarantinedAt],
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
    ({ word, state, run, about }): Command => ({
      ...{ words: `app ${word}`, about, given: ['app'] },
      options: {
        ...REASON,
        ...JSON_OPTION,
        ...(word === 'offboard' ? { yes: { about: 'it is meant' } } : {}),
      },
      async run(deps, args, output) {
        if (word === 'offboard' && !args.isSet('yes')) throw new Misuse('say --yes: there is no way back');
        await run(deps, commandLine, args.given(0), { reason: args.text('reason') });
        return done(output, args, { appId: args.given(0), state }, `${args.given(0)} is ${state}.`);
      },
    }),
  ),
  {
    words: 'app owner',
    about: 'Says who answers for an app, and who when that person does not.',
    given: ['app'],
    options: {
      owner: { value: '<person>', about: 'of its organization' },
      backup: { value: '<person>', about: 'another one; "none" for nobody' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const [ownerId, backup] = [args.text('owner'), args.text('backup')];
      const named = {
        ...(ownerId === undefined ? {} : { ownerId }),
        ...(backup === undefined ? {} : { backupOwnerId: backup === 'none' ? null : backup }),
      };
      if (Object.keys(named).length === 0) throw new Misuse('say --owner or --backup');
      await assignOwner(deps, commandLine, args.given(0), named);
      return done(output, args, { appId: args.given(0), ...named }, `${args.given(0)} is in other hands.`);
    },
  },
  {
    words: 'app contract',
    about: 'Puts an app under another contract of its organization.',
    ...{ given: ['app', 'contract'], options: JSON_OPTION },
    async run(deps, args, output) {
      const [appId, contractId] = [args.given(0), args.given(1)];
      await assignContract(deps, commandLine, appId, { contractId });
      return done(output, args, { appId, contractId }, `${appId} acts under ${contractId}.`);
    },
  },
];
