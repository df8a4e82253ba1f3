// The settings of decisions about FHIR requests, as environment variables.
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d [\w/+-]{1,64}$/;

/** Hours of a day, or all of them. */
type Hours = 'always' | { readonly from: string; readonly to: string; readonly timeZone: string };

export interface DecisionConfig {
  readonly access: {
    /** What a resource without security labels counts as. */
    readonly unlabelled: 'normal' | 'restricted';
    /** When `$export` may be started. */
    readonly bulkHours: Hours;
    /** Networks (CIDR) that requests may come from; empty: any. */
    readonly networks: readonly string[];
    /** How long after signing in a person's token still opens what is sensitive, in seconds; null: as long as it lives. */
    readonly sensitiveMaxAge: number | null;
    /** Purposes for which what is sensitive may be disclosed without a choice of the patient. */
    readonly sensitivePurposes: readonly string[];
  };
  /** What one app may open in an hour. */
  readonly budget: { readonly patients: number; readonly resources: number };
}

const whole = (what: string, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `must be a ${what}, ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a ${what}, ${least} to ${most}`);

const hours = z
  .string()
  .refine(areHours, 'must be always, or hours of a day in a time zone: 22:00-05:00 America/New_York')
  .transform((value): Hours => {
    if (value === 'always') return value;
    const [, from = '', to = '', timeZone = ''] = /^(.{5})-(.{5}) (.+)$/.exec(value) ?? [];
    return { from, to, timeZone };
  });

export const networks = z
  .string()
  .refine((value) => listed(value).every(isNetwork), 'must be networks: 10.0.0.0/8,2001:db8::/32')
  .transform(listed);

export const decisionSettings = {
  POSTERN_UNLABELLED: z.enum(['normal', 'restricted'], 'must be normal or restricted').default('normal'),
  POSTERN_BULK_HOURS: hours.default('always'),
  POSTERN_NETWORKS: networks.default([]),
  POSTERN_SENSITIVE_MAX_AGE: whole('number of seconds', 60, 31_536_000).optional(),
  POSTERN_SENSITIVE_PURPOSES: z
    .string()
    .regex(/^[A-Z]{3,16}(,[A-Z]{3,16})*$/, 'must be codes of PurposeOfUse: TREAT,COC')
    .transform(listed)
    .default([]),
  POSTERN_PATIENTS_PER_HOUR: whole('number of patients', 1, 1_000_000_000).default(10_000),
  POSTERN_RESOURCES_PER_HOUR: whole('number of resources', 1, 1_000_000_000).default(1_000_000),
};

export function decisionConfig(values: z.output<z.ZodObject<typeof decisionSettings>>): DecisionConfig {
  return {
    access: {
      unlabelled: values.POSTERN_UNLABELLED,
      bulkHours: values.POSTERN_BULK_HOURS,
      networks: values.POSTERN_NETWORKS,
      sensitiveMaxAge: values.POSTERN_SENSITIVE_MAX_AGE ?? null,
      sensitivePurposes: values.POSTERN_SENSITIVE_PURPOSES,
    },
    budget: { patients: values.POSTERN_PATIENTS_PER_HOUR, resources: values.POSTERN_RESOURCES_PER_HOUR },
  };
}

function areHours(value: string): boolean {
  if (value === 'always') return true;
  const zone = value.split(' ')[1] ?? '';
  return HOURS.test(value) && (zone === 'UTC' || Intl.supportedValuesOf('timeZone').includes(zone));
}

function listed(value: string): string[] {
  return value.split(',').map((one) => one.trim());
}

/** RFC 4632, RFC 4291 §2.3. */
function isNetwork(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}
