export const SEVERITIES = ['high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Somebody says that it was not her, or what it rests on is gone. */
const HIGH: readonly string[] = [
  ...['patient_report', 'contract_over', 'integration_opaque', 'break_glass_unreviewed'],
  ...['anomaly_replays', 'anomaly_shared_credential'],
];
/** What nobody uses hurts nobody today. */
const LOW: readonly string[] = ['dormant_app', 'dormant_key', 'dormant_consent', 'unused_scope'];

const HIGH_SCORE = 70;
const LOW_SCORE = 30;

/** How soon a person should look: by the score of 0 to 100 where the rule gives one, else by what it is. */
export function severityOf(kind: string, score: number | null): Severity {
  if (score !== null) return score >= HIGH_SCORE ? 'high' : score < LOW_SCORE ? 'low' : 'medium';
  return HIGH.includes(kind) ? 'high' : LOW.includes(kind) ? 'low' : 'medium';
}
