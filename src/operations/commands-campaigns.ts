import { ON_SILENCE } from '../policy/attestation.ts';
import { commandLine } from '../policy/permissions.ts';
import { EVIDENCE_FORMATS, exportEvidence } from '../registry/campaign-evidence.ts';
import { findCampaign, listCampaignApps, listCampaigns } from '../registry/campaign-lists.ts';
import { closeCampaign, refreshSnapshot, remindCampaign } from '../registry/campaigns.ts';
import { openCampaign } from '../registry/new-campaign.ts';
import { type Args, type Command, done, JSON_OPTION, Misuse, printList } from './command.ts';

const SELECTION = { organization: 'organizationId', owner: 'ownerId', purpose: 'purpose' } as const;

function numberIn(args: Args, name: string): number | undefined {
  const text = args.text(name);
  if (text !== undefined && !/^\d{1,3}$/.test(text)) throw new Misuse(`--${name} is a number of days`);
  return text === undefined ? undefined : Number(text);
}

export const campaignCommands: readonly Command[] = [
  {
    words: 'campaigns open',
    about: 'Asks those who answer for apps to confirm them by a day. A snapshot of each app is frozen.',
    options: {
      due: { value: '<instant>', about: 'a day, or RFC 3339: by when', required: true },
      reason: { value: '<text>', about: 'why: those who are asked read it', required: true },
      organization: { value: '<id>', about: 'apps of this organization' },
      owner: { value: '<id>', about: 'that this person owns, or backs up' },
      purpose: { value: '<code>', about: 'for this HL7 v3 PurposeOfUse' },
      'due-before': { value: '<day>', about: 'of which the attestation is due before this day' },
      'warn-days': { value: '<days>', about: 'days before: 14 and 3 without it', multiple: true },
      'on-silence': { value: '<what>', about: 'suspend without it', choices: ON_SILENCE },
      'unused-days': { value: '<days>', about: 'of use to look at: 90 without it' },
      ...JSON_OPTION,
    },
    async run(deps, args, { print }) {
      const given = Object.entries({ ...SELECTION, 'due-before': 'dueBefore' }).flatMap(([option, name]) => {
        const value = args.text(option);
        return value === undefined ? [] : [[name, value]];
      });
      const [warnDays, onSilence] = [args.texts('warn-days'), args.text('on-silence')];
      const unusedDays = numberIn(args, 'unused-days');
      const opened = await openCampaign(deps, commandLine, {
        ...{ reason: args.text('reason'), dueAt: args.text('due'), selection: Object.fromEntries(given) },
        ...(warnDays.length === 0 ? {} : { warnDays: warnDays.map(Number) }),
        ...(onSilence === undefined ? {} : { onSilence }),
        ...(unusedDays === undefined ? {} : { unusedDays }),
      });
      print(
        args.isSet('json') ? JSON.stringify(opened) : `${opened.campaignId} asks about ${opened.apps} apps.`,
      );
      return 0;
    },
  },
  {
    words: 'campaigns list',
    about: 'Lists campaigns: open ones, what is due first, or closed ones, the latest first.',
    options: { closed: { about: 'those that are closed' }, ...JSON_OPTION },
    run(deps, args, output) {
      const state = args.isSet('closed') ? 'closed' : 'open';
      return printList(output, args, (paging) => listCampaigns(deps, commandLine, { ...paging, state }), [
        ['id', ({ id }) => id],
        ['due', ({ dueAt }) => dueAt],
        ['on silence', ({ onSilence }) => onSilence],
        ['apps', ({ apps }) => apps],
        ['unanswered', ({ unanswered }) => unanswered],
        ['silent', ({ silent }) => silent],
        ['reason', ({ reason }) => reason],
      ]);
    },
  },
  {
    words: 'campaigns show',
    about: 'Lists the apps of a campaign by organization: what was answered, and by whom.',
    given: ['campaign'],
    options: { unanswered: { about: 'only those that nobody answered for' }, ...JSON_OPTION },
    async run(deps, args, output) {
      const id = args.given(0);
      const { dueAt, apps, unanswered, silent } = await findCampaign(deps, commandLine, id);
      const filter = { unanswered: args.isSet('unanswered') };
      if (!args.isSet('json'))
        output.print(`Due ${dueAt.toISOString()}: ${apps - unanswered - silent} of ${apps} answered.`);
      const read = (paging: object) => listCampaignApps(deps, commandLine, id, { ...paging, ...filter });
      return printList(output, args, read, [
        ['app', ({ appId }) => appId],
        ['name', ({ appName }) => appName],
        ['organization', ({ organizationName }) => organizationName],
        ['owner', ({ ownerName }) => ownerName],
        ['outcome', ({ outcome }) => outcome],
        ['by', ({ attestedByName }) => attestedByName],
        ['at', ({ attestedAt }) => attestedAt],
      ]);
    },
  },
  {
    words: 'campaigns remind',
    about: 'Tells all who have not answered once more.',
    given: ['campaign'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      const reminded = await remindCampaign(deps, commandLine, args.given(0));
      return done(output, args, reminded, `Those who answer for ${reminded.apps} apps are told.`);
    },
  },
  {
    words: 'campaigns ask-again',
    about: 'Freezes a new snapshot of an app that has changed since it was asked about.',
    given: ['campaign', 'app'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      const frozen = await refreshSnapshot(deps, commandLine, args.given(0), args.given(1));
      return done(output, args, frozen, frozen.hash);
    },
  },
  {
    words: 'campaigns close',
    about: 'Closes a campaign: what was answered stays. There is no way back.',
    given: ['campaign'],
    options: { reason: { value: '<text>', about: 'why', required: true }, ...JSON_OPTION },
    async run(deps, args, output) {
      await closeCampaign(deps, commandLine, args.given(0), { reason: args.text('reason') });
      return done(output, args, { campaignId: args.given(0) }, `${args.given(0)} is closed.`);
    },
  },
  {
    words: 'campaigns export',
    about: 'Writes what a campaign can be proven with. That it was taken is recorded.',
    given: ['campaign'],
    options: { format: { value: '<format>', about: 'jws (signed) without it', choices: EVIDENCE_FORMATS } },
    async run(deps, args, { write }) {
      const format = EVIDENCE_FORMATS.find((one) => one === args.text('format')) ?? 'jws';
      const file = await exportEvidence(deps, commandLine, args.given(0), format);
      await write(format === 'jws' ? `${file}\n` : file);
      return 0;
    },
  },
];
