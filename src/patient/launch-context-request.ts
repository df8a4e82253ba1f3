// The body of POST /launch-contexts, and what it becomes. Pure.
import { z } from 'zod';
import { type LaunchContext, launchContextSchema } from '../smart/launch-context.ts';

const { shape } = launchContextSchema;

// SMART scopes-and-launch-context, "Scopes for requesting identity data": the types that fhirUser may have.
const fhirUser = z
  .string()
  .regex(
    /^(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/[A-Za-z0-9\-.]{1,64}$/,
    'must be a relative reference to a Practitioner, PractitionerRole, Patient, RelatedPerson or Person',
  );

const requestSchema = z.strictObject({
  client_assertion_type: z.string(),
  client_assertion: z.string(),
  app: z.string().min(1).max(255),
  user: z.strictObject({ fhirUser, name: z.string().trim().min(1).max(120) }),
  patient: shape.patient,
  encounter: shape.encounter,
  fhirContext: shape.fhirContext,
  intent: shape.intent,
  needPatientBanner: shape.need_patient_banner,
  smartStyleUrl: shape.smart_style_url,
  tenant: shape.tenant,
});

export interface LaunchRequest {
  readonly app: string;
  readonly user: { readonly fhirUser: string; readonly name: string };
  readonly context: LaunchContext;
}

/** Every fault of the body, by member: what was sent is not repeated. */
export function readLaunchRequest(body: unknown): LaunchRequest | { readonly faults: readonly string[] } {
  // jsonb has neither U+0000 nor half of a surrogate pair.
  if (/\\u(0000|d[89a-f])/.test(JSON.stringify(body)))
    return { faults: ['U+0000 and lone surrogates are not accepted'] };
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) return { faults: parsed.error.issues.map(faultOf) };
  const { app, user, needPatientBanner, smartStyleUrl, ...rest } = parsed.data;
  const { client_assertion_type: _type, client_assertion: _assertion, ...context } = rest;
  return {
    ...{ app, user },
    context: {
      ...context,
      ...(needPatientBanner === undefined ? {} : { need_patient_banner: needPatientBanner }),
      ...(smartStyleUrl === undefined ? {} : { smart_style_url: smartStyleUrl }),
    },
  };
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return 'a member is not known here';
  const where = issue.path.map(String).join('.');
  return where === '' ? 'the body must be a JSON object' : `${where}: ${issue.message}`;
}
