// Environment -> one frozen Config. Every fault is found and told at once; an unknown POSTERN_* key is a fault.
import { z } from 'zod';
import { isIssuer, isLoopback, isSmtpUrl } from './config-addresses.ts';
import { type AuditConfig, auditConfig, auditSettings } from './config-audit.ts';
import { breakGlassSettings } from './config-break-glass.ts';
import { type ConsentConfig, consentConfig, consentSettings } from './config-consent.ts';
import { type DecisionConfig, decisionConfig, decisionSettings, networks } from './config-decision.ts';
import { type DemoConfig, demoConfig, demoSettings } from './config-demo.ts';
import {
  type ObservabilityConfig,
  observabilityConfig,
  observabilitySettings,
} from './config-observability.ts';
import { type AgeConfig, ageConfig, ageSettings } from './config-representation.ts';
import { type TrustConfig, trustConfig, trustSettings } from './config-trust.ts';

const number = (what: string, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `must be a ${what}, ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a ${what}, ${least} to ${most}`);

const port = () => number('port number', 1, 65_535);
const days = (least: number, most: number) => number('number of days', least, most);

const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

const issuer = z
  .string()
  .refine(isIssuer, 'must be an https URL without path, query or fragment (http only on localhost)');

const settings = z.strictObject({
  POSTERN_PORT: port().default(3000),
  POSTERN_LISTEN: z.string().min(1, 'must be a host name or an IP address').optional(),
  POSTERN_ISSUER: issuer.optional(),
  POSTERN_DATA_DIR: z.string().min(1, 'must be a directory').default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/.+/, 'must be a postgresql:// URL')
    .optional(),
  POSTERN_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  POSTERN_OPERATOR: z.string().min(1, 'must be a name').max(80, 'must have at most 80 characters').optional(),
  POSTERN_HELP_CONTACT: z.string().min(1, 'must be a phone number, address or URL').max(200).optional(),
  POSTERN_LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'], 'must be silent, error, warn, info or debug')
    .optional(),
  POSTERN_ACCESS_TOKEN_SECONDS: number('number of seconds', 60, 3_600).default(300),
  POSTERN_ALLOW_LOOPBACK_FETCH: flag.default(false),
  POSTERN_BRANDS_FILE: z.string().min(1, 'must be a file').optional(),
  POSTERN_SMTP_URL: z
    .string()
    .refine(isSmtpUrl, 'must be smtps://user:password@host or smtp://...')
    .optional(),
  POSTERN_MAIL_FROM: z
    .string()
    .regex(/^[^\s@<>",;:]{1,64}@[^\s@<>",;:]{1,190}$/, 'must be a mail address')
    .optional(),
  POSTERN_COUNTRY: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code of two letters')
    .default('US'),
  POSTERN_SECRET_DAYS: days(1, 90).default(90),
  POSTERN_KEY_DAYS: days(1, 365).default(365),
  POSTERN_KEY_OVERLAP_DAYS: days(1, 30).default(7),
  POSTERN_ATTESTATION_DAYS: days(30, 730).default(365),
  POSTERN_REGISTRATION: flag.default(false),
  POSTERN_TRUSTED_PROXIES: networks.default([]),
  ...{ ...auditSettings, ...decisionSettings },
  ...observabilitySettings,
  ...{ ...ageSettings, ...breakGlassSettings, ...consentSettings, ...trustSettings },
  ...demoSettings,
  POSTERN_DEMO_FHIR_PORT: port().default(3001),
  POSTERN_DEMO_APP_PORT: port().default(3002),
  POSTERN_DEMO_IDENTITY_PORT: port().default(3003),
});

export interface Config {
  /** The issuer identifier: scheme and authority, no trailing slash. */
  readonly issuer: string;
  /** The issuer is https: browsers keep to TLS, and its cookies with them. */
  readonly secure: boolean;
  readonly port: number;
  /** Address to listen on; undefined = all. */
  readonly listen: string | undefined;
  readonly database:
    | { readonly kind: 'embedded'; readonly directory: string }
    | { readonly kind: 'postgresql'; readonly url: string };
  readonly dataDirectory: string;
  /** Seals signing keys, signs cookies and forms. undefined = one is made and kept in the data directory. */
  readonly secret: string | undefined;
  /** Lifetime of access tokens for people's apps; backend services never get more than 300. */
  readonly accessTokenSeconds: number;
  /** For development and tests: keys may be fetched from this machine, without TLS. */
  readonly allowLoopbackFetch: boolean;
  /** A user-access brand bundle to publish (SMART brands). */
  readonly brandsFile: string | undefined;
  readonly operatorName: string;
  /** Without an SMTP server, mails are files in the data directory. */
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string };
  readonly registry: {
    readonly operatorCountry: string;
    readonly secretDays: number;
    readonly keyDays: number;
    readonly overlapDays: number;
    readonly attestationDays: number;
    readonly registrationEnabled: boolean;
    readonly ageRules: AgeConfig;
    readonly breakGlass: 'approval' | 'review';
  };
  readonly decision: DecisionConfig;
  readonly audit: AuditConfig;
  readonly observability: ObservabilityConfig;
  readonly trust: TrustConfig;
  readonly consent: ConsentConfig;
  /** Networks of the proxies that are believed about the address of a client. */
  readonly trustedProxies: readonly string[];
  readonly helpContact: string | undefined;
  readonly logLevel: string;
  readonly demo: DemoConfig | undefined;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The settings have ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([key, value]) =>
        value !== undefined && value !== '' && (key.startsWith('POSTERN_') || key === 'DATABASE_URL'),
    ),
  );
  const parsed = settings.safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.flatMap(faultsOf);
  const url = given.DATABASE_URL;
  if (url !== undefined && given.POSTERN_SECRET === undefined) {
    faults.push('POSTERN_SECRET is required with DATABASE_URL: every instance must have the same one');
  }
  if (given.POSTERN_SMTP_URL !== undefined && given.POSTERN_MAIL_FROM === undefined) {
    faults.push('POSTERN_MAIL_FROM is required with POSTERN_SMTP_URL: the address that mails come from');
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);

  const values = parsed.data;
  const issuerUrl = values.POSTERN_ISSUER ?? `http://localhost:${values.POSTERN_PORT}`;
  const loopback = isLoopback(new URL(issuerUrl).hostname);
  const demo = values.POSTERN_DEMO ?? (url === undefined && loopback);
  return Object.freeze({
    issuer: issuerUrl,
    secure: issuerUrl.startsWith('https:'),
    port: values.POSTERN_PORT,
    listen: values.POSTERN_LISTEN ?? (loopback ? 'localhost' : undefined),
    database:
      url === undefined
        ? { kind: 'embedded', directory: values.POSTERN_DATA_DIR }
        : { kind: 'postgresql', url },
    dataDirectory: values.POSTERN_DATA_DIR,
    ...{ secret: values.POSTERN_SECRET, accessTokenSeconds: values.POSTERN_ACCESS_TOKEN_SECONDS },
    ...{ allowLoopbackFetch: values.POSTERN_ALLOW_LOOPBACK_FETCH, brandsFile: values.POSTERN_BRANDS_FILE },
    operatorName: values.POSTERN_OPERATOR ?? (demo ? 'Postern demo network' : new URL(issuerUrl).hostname),
    mail: {
      smtpUrl: values.POSTERN_SMTP_URL,
      from: values.POSTERN_MAIL_FROM ?? `no-reply@${loopback ? 'localhost' : new URL(issuerUrl).hostname}`,
    },
    registry: {
      operatorCountry: values.POSTERN_COUNTRY,
      secretDays: values.POSTERN_SECRET_DAYS,
      keyDays: values.POSTERN_KEY_DAYS,
      overlapDays: values.POSTERN_KEY_OVERLAP_DAYS,
      attestationDays: values.POSTERN_ATTESTATION_DAYS,
      registrationEnabled: values.POSTERN_REGISTRATION,
      ageRules: ageConfig(values),
      breakGlass: values.POSTERN_BREAK_GLASS,
    },
    ...{ decision: decisionConfig(values), audit: auditConfig(values), trust: trustConfig(values) },
    observability: observabilityConfig(values),
    ...{ consent: consentConfig(values, demo), trustedProxies: values.POSTERN_TRUSTED_PROXIES },
    helpContact: values.POSTERN_HELP_CONTACT,
    // Whoever tries the demo reads the terminal: the links must not scroll away.
    logLevel: values.POSTERN_LOG_LEVEL ?? (demo ? 'warn' : 'info'),
    demo: demoConfig(values, demo),
  } satisfies Config);
}

function faultsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${key} is not a setting of Postern`);
  return [`${issue.path.join('.')} ${issue.message}`];
}
