// What may be handed in as a revision, and nothing else: fields of ours that are not in here are faults, never ignored.
import { z } from 'zod';
import { ADDRESS_MAX } from '../policy/addresses.ts';
import {
  APPLICATION_TYPES,
  AUTH_METHODS,
  CONSENT_DAYS_MAX,
  GRANT_TYPES,
  PROFILES,
} from '../policy/client-metadata.ts';
import { DATA_USE_ANSWERS, DATA_USE_QUESTIONS, type DataUse } from '../policy/data-use.ts';
import type { Fault } from '../policy/faults.ts';
import { NAME_MAX, normalizeName } from '../policy/names.ts';
import { type Revision, SUBPROCESSOR_SERVICES } from '../policy/revision.ts';
import type { UseCase } from '../policy/use-case.ts';
import { MAX_SCOPE_LENGTH } from '../smart/scope.ts';
import { faultsOf, identifier, line, list, maybe, prose } from './input.ts';
import { useCaseSchema } from './use-case-input.ts';

/**
 * What callers write. Required: name, purposeStatement, websiteUrl, grantTypes, authMethod, scopeCeiling, purposes. Left
 * out, profile is `smart`, applicationType `web`, maxConsentDays 0, lists are empty and the rest null; the use case and
 * the answers on data use may be partial in a draft.
 */
export type RevisionInput = Pick<
  Revision,
  'name' | 'purposeStatement' | 'websiteUrl' | 'grantTypes' | 'authMethod' | 'scopeCeiling' | 'purposes'
> &
  Partial<Omit<Revision, 'useCase' | 'dataUse'>> & {
    readonly useCase?: Partial<UseCase> | undefined;
    readonly dataUse?: Partial<{ readonly [Question in keyof DataUse]: AnswerInput | null }> | undefined;
  };

interface AnswerInput {
  readonly answer: string;
  readonly explanation?: string | null | undefined;
}

const address = z.string().max(ADDRESS_MAX);
const addresses = list(address, 20).default([]);

const dataUse = z.strictObject(
  Object.fromEntries(
    DATA_USE_QUESTIONS.map((question) => {
      const answer = z.enum(DATA_USE_ANSWERS[question] as readonly string[]);
      return [question, maybe(z.strictObject({ answer, explanation: maybe(prose(1_000)) }))];
    }),
  ),
);

const fields = {
  name: z
    .string()
    .max(NAME_MAX * 4)
    .transform(normalizeName)
    .pipe(z.string().min(1).max(NAME_MAX)),
  profile: z.enum(PROFILES).default('smart'),
  applicationType: z.enum(APPLICATION_TYPES).default('web'),
  purposeStatement: line(300),
  websiteUrl: address,
  policyUrl: maybe(address),
  tosUrl: maybe(address),
  logoId: maybe(z.string().regex(/^[0-9a-f]{64}$/)),
  redirectUris: addresses,
  launchUris: addresses,
  postLogoutRedirectUris: addresses,
  backchannelLogoutUri: maybe(address),
  origins: addresses,
  grantTypes: list(z.enum(GRANT_TYPES), GRANT_TYPES.length, 1),
  authMethod: z.enum(AUTH_METHODS),
  jwksUri: maybe(address),
  audiences: list(address, 50).default([]),
  scopeCeiling: z.string().trim().min(1).max(MAX_SCOPE_LENGTH),
  purposes: list(z.string().max(40), 20, 1),
  maxConsentDays: z.int().min(0).max(CONSENT_DAYS_MAX).default(0),
  softwareId: maybe(line(100)),
  softwareVersion: maybe(line(100)),
  subprocessors: list(
    z.strictObject({ organizationId: identifier, service: z.enum(SUBPROCESSOR_SERVICES) }),
    100,
  ).default([]),
  useCase: useCaseSchema.prefault({}),
  dataUse: dataUse.prefault({}) as unknown as z.ZodType<DataUse>,
} as const satisfies Record<keyof Revision, z.ZodType>;

/** As a whole: what the documents of our interfaces say of it. */
export const revisionSchema = z.strictObject(fields);

export interface ReadRevision {
  /** Where a field could not be read, it is missing here. */
  readonly given: Partial<Revision>;
  readonly faults: readonly Fault[];
}

/** Field by field, so that what is wrong with one does not hide what is wrong with another. */
export function readRevision(input: unknown): ReadRevision {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { given: {}, faults: [{ field: '', code: 'not_an_object' }] };
  }
  const given: Record<string, unknown> = {};
  const faults: Fault[] = Object.keys(input)
    .filter((key) => !Object.hasOwn(fields, key))
    .map((key) => ({ field: key.slice(0, 200), code: 'unknown_field' }));
  for (const [field, schema] of Object.entries(fields)) {
    const value: unknown = Object.hasOwn(input, field)
      ? (input as Record<string, unknown>)[field]
      : undefined;
    const read = schema.safeParse(value, { reportInput: true });
    if (read.success) given[field] = read.data;
    else {
      const found = read.error.issues.flatMap((issue) =>
        faultsOf({ ...issue, path: [field, ...issue.path] }),
      );
      faults.push(...found);
    }
  }
  return { given: given as Partial<Revision>, faults };
}
