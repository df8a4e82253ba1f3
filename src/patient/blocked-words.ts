import { type Reason, refusals } from '../errors.ts';

/** Why something was blocked, as a patient is told: `history.blocked.<word>`. */
export const BLOCKED_WORDS = [
  ...(['paused', 'stopped', 'ended', 'not-shared', 'app-off', 'network', 'act-for', 'proof'] as const),
  ...(['time', 'too-much', 'sign-in', 'token', 'rules'] as const),
] as const;
export type BlockedWord = (typeof BLOCKED_WORDS)[number];

const REASONS: Readonly<Record<Exclude<BlockedWord, 'rules'>, readonly string[]>> = {
  paused: ['consent_paused'],
  stopped: ['consent_withdrawn', 'grant_revoked', 'token_revoked'],
  ended: ['consent_expired', 'consent_missing', 'consent_recipient_changed', 'break_glass_ended'],
  'not-shared': [
    'scope_insufficient',
    'patient_foreign',
    'sensitivity_not_chosen',
    'scope_over_ceiling',
    'scope_empty',
    'contract_limits',
    'contract_operation',
  ],
  'app-off': [
    ...['client_suspended', 'client_offboarded', 'organization_suspended', 'organization_offboarded'],
    ...[
      'client_quarantined',
      'platform_stopped',
      'client_not_reviewed',
      'contract_missing',
      'contract_not_started',
      'contract_expired',
    ],
    ...['owner_missing', 'attestation_overdue', 'use_case_ended', 'environment_wrong', 'scopes_stopped'],
  ],
  network: ['access_cut_off'],
  'act-for': ['representation_ended'],
  proof: [
    ...['client_unknown', 'credential_expired', 'credential_none', 'key_ended', 'key_shared'],
    ...['assertion_unacceptable', 'client_keys_unavailable', 'code_replayed', 'refresh_token_replayed'],
  ],
  time: ['hours_over', 'contract_hours', 'request_stale', 'export_outside_hours'],
  'too-much': ['budget_patients', 'budget_resources', 'export_not_registered'],
  'sign-in': ['sign_in_too_weak', 'sign_in_too_old', 'session_ended'],
  token: ['token_expired', 'token_unknown', 'audience_foreign'],
};

const words = new Map<string, BlockedWord>(
  Object.entries(REASONS).flatMap(([word, reasons]) =>
    reasons.map((reason): [string, BlockedWord] => [reason, word as BlockedWord]),
  ),
);

/** Whatever has no words of its own was refused by the rules of the network. */
export const blockedWord = (reason: string | null): BlockedWord => words.get(reason ?? '') ?? 'rules';

/** Reasons that no refusal has: the test of this list. */
export const unknownReasons = (): string[] =>
  Object.values(REASONS)
    .flat()
    .filter((reason) => !((reason as Reason) in refusals));
