import { z } from 'zod';
import { isResourceType } from '../smart/resource-types.ts';
import { MAX_SCOPE_COUNT, MAX_SCOPE_LENGTH, parseScopes } from '../smart/scope.ts';
import { fault } from './input.ts';

/** SMART scopes over a patient's record, as one text. */
export const patientScopes = z
  .string()
  .trim()
  .min(1)
  .max(MAX_SCOPE_LENGTH)
  .superRefine((text, context) => {
    const names = text.split(/\s+/);
    if (names.length > MAX_SCOPE_COUNT) context.addIssue({ code: 'custom', ...fault('too_many') });
    for (const name of names) {
      const [scope] = parseScopes(name).scopes;
      const isOfPatient = scope?.kind === 'resource' && scope.level === 'patient';
      if (isOfPatient && (scope.resourceType === '*' || isResourceType(scope.resourceType))) continue;
      context.addIssue({ code: 'custom', ...fault('scope_not_of_patient'), input: name });
    }
  })
  .transform((text) => text.split(/\s+/).join(' '));
