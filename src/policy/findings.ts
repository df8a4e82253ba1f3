import { daysBetween } from './days.ts';
import { decide, type Rule } from './rules.ts';
import { type ClientFacts, standing } from './standing.ts';

/** What opens a way to PHI, in the order of the inventory. */
export const PATH_KINDS = [
  ...(['app', 'ehr', 'resource_server', 'platform', 'subprocessor', 'person'] as const),
] as const;
export type PathKind = (typeof PATH_KINDS)[number];

/** What is not as it should be with a path to PHI. */
export const FINDINGS = [
  ...(['owner_missing', 'owner_left', 'backup_missing'] as const),
  ...(['contract_missing', 'contract_not_started', 'contract_expired', 'contract_ending'] as const),
  ...(['attestation_overdue', 'attestation_due', 'use_case_ended', 'use_case_ending'] as const),
  ...(['credential_expired', 'credential_ending', 'passkey_missing'] as const),
  ...([
    'platform_stopped',
    'environment_wrong',
    'change_unapproved',
    'over_privileged',
    'never_used',
    'dormant',
  ] as const),
] as const;
export type Finding = (typeof FINDINGS)[number];

/** Whether it gives access now, and if not, why in one word. */
export const PATH_STATES = ['acting', 'not_approved', 'suspended', 'stopped'] as const;
export type PathState = (typeof PATH_STATES)[number];

interface CommonFacts {
  readonly now: Date;
  readonly createdAt: Date;
  /** The person who answers for it; null: nobody does. */
  readonly ownerName: string | null;
  readonly ownerLeftAt: Date | null;
  readonly lastUsedAt: Date | null;
  /** Since when the oldest of its live credentials exists. */
  readonly credentialSince: Date | null;
  /** When the last of them ends. */
  readonly credentialEndsAt: Date | null;
}

interface AppFacts extends CommonFacts, ClientFacts {
  readonly kind: 'app';
  readonly backupName: string | null;
  readonly backupLeftAt: Date | null;
  readonly stoppedScopes: readonly string[];
  /** It was found that it never used some of its scopes. */
  readonly isOverPrivileged: boolean;
}

interface OtherFacts extends CommonFacts {
  readonly kind: Exclude<PathKind, 'app'>;
  readonly suspendedAt: Date | null;
  /** Of a resource server: keys, which have no end. */
  readonly hasKeys?: boolean;
}

export type PathFacts = AppFacts | OtherFacts;

/** How long before an end it is a finding that it comes. */
export const SOON_DAYS = 30;
export const UNUSED_DAYS = 30;
export const DORMANT_DAYS = 90;

/** A finding and the condition without which it is made. */
type Check<Facts> = readonly [finding: Finding, holds: (path: Facts) => boolean];

const isFinding = (name: string): name is Finding => FINDINGS.some((finding) => finding === name);
const isPast = (at: Date | null, now: Date) => at !== null && at <= now;
const isFar = (at: Date | null, now: Date) => at === null || at <= now || daysBetween(now, at) > SOON_DAYS;
const isRecent = (at: Date, now: Date, days: number) => daysBetween(at, now) <= days;

/** Until it was approved for production, an app opens nothing. */
const isOpen = ({ environment, reviewedAt }: AppFacts) => environment === 'sandbox' || reviewedAt !== null;
const onceOpen =
  (holds: (app: AppFacts) => boolean) =>
  (app: AppFacts): boolean =>
    !isOpen(app) || holds(app);

const owned: readonly Check<CommonFacts>[] = [
  ['owner_missing', (path) => path.ownerName !== null],
  ['owner_left', ({ ownerLeftAt, now }) => !isPast(ownerLeftAt, now)],
];

const used: readonly Check<CommonFacts>[] = [
  ['never_used', (path) => path.lastUsedAt !== null || isRecent(path.createdAt, path.now, UNUSED_DAYS)],
  ['dormant', ({ lastUsedAt, now }) => lastUsedAt === null || isRecent(lastUsedAt, now, DORMANT_DAYS)],
];

const credentialEnding: Check<CommonFacts> = [
  'credential_ending',
  ({ credentialEndsAt, now }) => isFar(credentialEndsAt, now),
];

// What already closes the doors is found by the rules that close them; who owns it was asked more precisely.
const ofStanding = standing.flatMap(([reason, holds]: Rule<AppFacts>): Check<AppFacts>[] =>
  isFinding(reason) && reason !== 'owner_missing' ? [[reason, onceOpen(holds)]] : [],
);

const ofApp: readonly Check<AppFacts>[] = [
  ...owned,
  [
    'backup_missing',
    ({ backupName, backupLeftAt, now }) => backupName !== null && !isPast(backupLeftAt, now),
  ],
  ...ofStanding,
  ['contract_ending', onceOpen(({ contractEndsAt, now }) => isFar(contractEndsAt, now))],
  ['attestation_due', onceOpen(({ attestationDueAt, now }) => isFar(attestationDueAt, now))],
  ['use_case_ending', onceOpen(({ useCaseEndsAt, now }) => isFar(useCaseEndsAt, now))],
  ['credential_ending', (app) => !app.needsCredential || isFar(app.credentialEndsAt, app.now)],
  ['change_unapproved', ({ stoppedScopes }) => stoppedScopes.length === 0],
  ['over_privileged', ({ isOverPrivileged }) => !isOverPrivileged],
  ...used.map(([finding, holds]): Check<AppFacts> => [finding, onceOpen(holds)]),
];

const ofOthers: Readonly<Record<OtherFacts['kind'], readonly Check<OtherFacts>[]>> = {
  ehr: [...owned, ...used],
  resource_server: [
    ...owned,
    [
      'credential_expired',
      ({ credentialEndsAt, hasKeys = false, now }) =>
        hasKeys || (credentialEndsAt !== null && !isPast(credentialEndsAt, now)),
    ],
    credentialEnding,
    ...used,
  ],
  platform: owned,
  subprocessor: owned,
  person: [['passkey_missing', ({ credentialSince }) => credentialSince !== null], ...used],
};

/** Everything that is wrong with a path, each named once. */
export function findingsOf(path: PathFacts): Finding[] {
  const failed =
    path.kind === 'app'
      ? ofApp.filter(([, holds]) => !holds(path))
      : ofOthers[path.kind].filter(([, holds]) => !holds(path));
  return failed.map(([finding]) => finding);
}

export function stateOf(path: PathFacts): PathState {
  if (path.kind !== 'app') return path.suspendedAt === null ? 'acting' : 'suspended';
  switch (decide(standing, path)) {
    case undefined:
      return 'acting';
    case 'client_not_reviewed':
      return 'not_approved';
    case 'client_suspended':
    case 'organization_suspended':
      return 'suspended';
    default:
      return 'stopped';
  }
}
