import { EVENT_FORMATS } from '../audit/export.ts';
import { type AuditFault, verifyAudit } from '../audit/verify.ts';
import { commandLine } from '../policy/permissions.ts';
import { exportAuditEvents } from '../registry/audit-exports.ts';
import { DISCLOSURE_FORMATS, exportDisclosures } from '../registry/disclosure-exports.ts';
import { type Args, type Command, JSON_OPTION, Misuse } from './command.ts';

const DAY = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** RFC 3339; a day alone begins at midnight UTC. */
function instantOf(args: Args, name: string): Date | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (!DAY.test(text) || Number.isNaN(at.getTime())) throw new Misuse(`--${name} is no date or instant`);
  return at;
}

const BETWEEN = {
  from: { value: '<instant>', about: 'from this day or instant on (RFC 3339)' },
  to: { value: '<instant>', about: 'before this one' },
} as const;

const SAID: Readonly<Record<AuditFault['fault'], string>> = {
  altered: 'was altered after it was sealed',
  missing: 'is missing: it was sealed, and is not there',
  inserted: 'was inserted among sealed events',
  reordered: 'does not stand where it was sealed',
  seal_altered: 'was altered',
  seal_missing: 'is missing',
  checkpoint_forged: 'has a checkpoint that none of our keys signed for it',
};

const described = (fault: AuditFault): string =>
  'eventId' in fault
    ? `event ${fault.eventId} (seal ${fault.seal}) ${SAID[fault.fault]}`
    : `seal ${fault.seal} ${SAID[fault.fault]}`;

export const auditCommands: readonly Command[] = [
  {
    words: 'audit verify',
    about:
      'Reads the chain of seals and what it covers, and names the first event or seal that is not as it was sealed.',
    options: {
      ...BETWEEN,
      checkpoint: { value: '<jws>', about: 'one that was kept elsewhere: the chain must hold it' },
      ...JSON_OPTION,
    },
    async run({ store, settings: { issuer }, everySigningKey }, args, { print, progress }) {
      const [from, to, kept] = [instantOf(args, 'from'), instantOf(args, 'to'), args.text('checkpoint')];
      const keys = await everySigningKey();
      let said = performance.now();
      const onProgress = (events: number, seal: number) => {
        if (performance.now() - said < 1_000) return;
        said = performance.now();
        progress(`${events} events, until seal ${seal}`);
      };
      const verified = await verifyAudit({ store, issuer, keys }, { from, to, kept, onProgress });
      const { fault, events, seals, dropped, unsealed, lastSeal } = verified;
      if (args.isSet('json')) print(JSON.stringify(verified));
      else {
        const end = lastSeal === null ? '' : `, the last one of ${lastSeal.at.toISOString()}`;
        print(`${events} events in ${seals} seals are as they were sealed${end}.`);
        if (dropped > 0) print(`${dropped} events of months whose time was over were dropped.`);
        if (unsealed > 0)
          print(`${unsealed} events after that are not sealed yet: nothing is proven of them.`);
        print(fault === null ? 'The audit is whole.' : `BROKEN: ${described(fault)}.`);
      }
      return fault === null ? 0 : 1;
    },
  },
  {
    words: 'audit export',
    about: 'Writes audit events, the oldest first, a line each. That they were taken is recorded.',
    options: {
      format: { value: '<format>', about: 'ndjson without it', choices: EVENT_FORMATS },
      ...BETWEEN,
      patient: { value: '<id>', about: 'about this patient' },
      app: { value: '<id>', about: 'of this app' },
      organization: { value: '<id>', about: 'of this organization' },
    },
    async run(deps, args, { write }) {
      const format = EVENT_FORMATS.find((one) => one === args.text('format')) ?? 'ndjson';
      const filter = filterOf(args);
      for await (const piece of await exportAuditEvents(deps, commandLine, { format, filter }))
        await write(piece);
      return 0;
    },
  },
  {
    words: 'audit disclosures',
    about:
      "Writes who reached which patient's data, of one app, patient or organization. That it was taken is recorded.",
    options: {
      format: { value: '<format>', about: 'csv without it', choices: DISCLOSURE_FORMATS },
      from: { ...BETWEEN.from, required: true },
      to: { ...BETWEEN.to, required: true },
      patient: { value: '<id>', about: 'of the data of this patient' },
      app: { value: '<id>', about: 'to this app' },
      organization: { value: '<id>', about: 'to apps of this organization' },
    },
    async run(deps, args, { write }) {
      const format = DISCLOSURE_FORMATS.find((one) => one === args.text('format')) ?? 'csv';
      const filter = filterOf(args);
      const { patientId, appId, organizationId } = filter;
      if ([patientId, appId, organizationId].filter((id) => id !== undefined).length !== 1)
        throw new Misuse('name one of --patient, --app and --organization');
      for await (const piece of await exportDisclosures(deps, commandLine, { format, filter }))
        await write(piece);
      return 0;
    },
  },
];

function filterOf(args: Args) {
  return {
    ...{
      patientId: args.text('patient'),
      appId: args.text('app'),
      organizationId: args.text('organization'),
    },
    ...{ from: instantOf(args, 'from')?.toISOString(), to: instantOf(args, 'to')?.toISOString() },
  };
}
