import { z } from 'zod';
import type { Scope } from './scope.ts';

const fhirId = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/, 'must be a FHIR id, not a reference');
const resourceType = z.string().regex(/^[A-Z][A-Za-z]{0,63}$/, 'must be a FHIR resource type');
const text = z.string().min(1).max(256);

const fhirContextItem = z
  .strictObject({
    reference: z
      .string()
      .regex(/^[A-Z][A-Za-z]{0,63}\/[A-Za-z0-9\-.]{1,64}$/, 'must be a relative reference')
      .optional(),
    canonical: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/, 'must be a canonical URL')
      .max(512)
      .optional(),
    identifier: z.strictObject({ system: text.optional(), value: text }).optional(),
    type: resourceType.optional(),
    role: text.optional(),
  })
  .refine((item) => item.reference || item.canonical || item.identifier, {
    error: 'must have a reference, a canonical or an identifier',
  })
  .refine((item) => !hasOwnParameter(typeOf(item)) || (item.role ?? 'launch') !== 'launch', {
    error: 'of type Patient or Encounter must have a role other than launch',
  })
  .refine((item) => !item.reference || !item.type || item.reference.startsWith(`${item.type}/`), {
    error: 'must have the type of its reference',
  });

/** What is open in the EHR, or was picked by the person (SMART §launch context arrives with your access_token). */
export const launchContextSchema = z.strictObject({
  patient: fhirId.optional(),
  encounter: fhirId.optional(),
  fhirContext: z.array(fhirContextItem).max(20).optional(),
  need_patient_banner: z.boolean().optional(),
  intent: text.optional(),
  smart_style_url: z
    .url({ protocol: /^https$/ })
    .max(512)
    .optional(),
  tenant: text.optional(),
});

export type LaunchContext = z.infer<typeof launchContextSchema>;

/** What goes beside the access token and is repeated at introspection: no more of the record than was granted. */
export function launchParameters(context: LaunchContext, granted: readonly Scope[]): LaunchContext {
  const { patient, encounter, fhirContext = [], ...appearance } = context;
  const items = fhirContext.filter((item) => launchesWith(granted, typeOf(item)?.toLowerCase()));
  return {
    ...(patient !== undefined && mayKnowPatient(granted) ? { patient } : {}),
    ...(encounter !== undefined && launchesWith(granted, 'encounter') ? { encounter } : {}),
    ...(items.length > 0 ? { fhirContext: items } : {}),
    ...appearance,
  };
}

/** A granted patient/ scope means nothing without a patient, so one must be established (SHALL). */
export function requiresPatient(scopes: readonly Scope[]): boolean {
  return scopes.some(
    (scope) =>
      (scope.kind === 'resource' && scope.level === 'patient') ||
      (scope.kind === 'launch' && scope.context === 'patient'),
  );
}

/** SMART scopes-and-launch-context, "Scopes for requesting context data": what the EHR has not opened cannot be granted. */
export function withinContext(context: LaunchContext, asked: readonly Scope[]): Scope[] {
  return asked.filter(
    (scope) =>
      (context.patient !== undefined || !requiresPatient([scope])) &&
      (context.encounter !== undefined || !requiresEncounter([scope])),
  );
}

export function requiresEncounter(scopes: readonly Scope[]): boolean {
  return scopes.some((scope) => scope.kind === 'launch' && scope.context === 'encounter');
}

const mayKnowPatient = (granted: readonly Scope[]) =>
  requiresPatient(granted) || launchesWith(granted, 'patient');

/** Plain `launch` brings all that the EHR deposited; launch/<type> brings that type, whatever its role. */
function launchesWith(granted: readonly Scope[], type: string | undefined): boolean {
  return granted.some(
    (scope) => scope.kind === 'launch' && (scope.context === undefined || scope.context === type),
  );
}

function typeOf({ reference, type }: { reference?: string; type?: string }): string | undefined {
  return reference?.split('/')[0] ?? type;
}

const hasOwnParameter = (type: string | undefined) => type === 'Patient' || type === 'Encounter';
