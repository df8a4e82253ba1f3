// What leaves the management API: each answer is cut to these, so that nothing leaves that is not named here.
import { z } from 'zod';

export const id = z.string();
export const at = z.date();
export const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullable();
const texts = z.array(z.string()).readonly();
const text = z.string();
const count = z.int();

/** What is written as in a request. */
const asGiven = (what: string) => z.unknown().meta({ description: what });

export const fault = z.object({ field: text, code: text, value: text.optional(), text });

export const revision = z.object({
  ...{ id, appId: id, number: count, createdAt: at, createdBy: text, name: text, profile: text },
  ...{ applicationType: text, purposeStatement: text, websiteUrl: text, policyUrl: maybe(text) },
  ...{ tosUrl: maybe(text), logoId: maybe(text), redirectUris: texts, launchUris: texts },
  ...{ postLogoutRedirectUris: texts, backchannelLogoutUri: maybe(text), origins: texts, grantTypes: texts },
  ...{ authMethod: text, jwksUri: maybe(text), audiences: texts, scopeCeiling: text, purposes: texts },
  ...{ maxConsentDays: count, softwareId: maybe(text), softwareVersion: maybe(text), endsAt: maybe(at) },
  subprocessors: z.array(z.object({ organizationId: id, service: text })).readonly(),
  useCase: asGiven('The use case, as in a new revision'),
  dataUse: asGiven('The answers on data use, as in a new revision'),
});

const quarantined = maybe(at).meta({
  description:
    'Since when nothing new is issued to it, for its own sake or its platform’s; null: it is not in quarantine',
});

const person = z.object({ id, name: text, email: text, leftAt: maybe(at) });

export const app = z.object({
  ...{ id, environment: text, organizationId: id, ownerId: maybe(id), backupOwnerId: maybe(id) },
  ...{ contractId: maybe(id), registeredThrough: text, createdAt: at, reviewedAt: maybe(at) },
  ...{ attestationDueAt: maybe(at), suspendedAt: maybe(at), offboardedAt: maybe(at) },
  organization: z.object({
    ...{ id, legalName: text, kind: text, country: text },
    ...{ admittedAt: maybe(at), suspendedAt: maybe(at), offboardedAt: maybe(at) },
  }),
  ...{ owner: maybe(person), backupOwner: maybe(person) },
  contract: maybe(z.object({ id, reference: text, startsAt: at, endsAt: at })),
  standing: maybe(text).meta({ description: 'Why it may not act now; null: it may' }),
  quarantinedAt: quarantined,
  platform: maybe(
    z.object({
      ...{ id, name: text, organizationName: text },
      holds: z
        .array(z.object({ kind: text, madeAt: at }))
        .readonly()
        .meta({ description: 'What of the platform holds for the app, too: quarantine, step_up' }),
    }),
  ).meta({ description: 'Who acts for it; null: it acts for itself' }),
  stoppedScopes: texts.meta({ description: 'Scopes that a recorded change stops' }),
  live: maybe(revision).meta({ description: 'The revision in force; null: none was approved yet' }),
  newest: revision,
  faults: z.array(fault).readonly().meta({ description: 'What stands between the newest and a review' }),
  review: maybe(
    z.object({
      ...{ id, revisionId: id, submittedAt: at, approvalsNeeded: count, closedAt: maybe(at) },
      ...{ outcome: maybe(text), reason: maybe(text) },
    }),
  ),
});

export const listedApp = z.object({
  ...{ id, name: text, environment: text, organizationId: id, organizationName: text, ownerId: maybe(id) },
  ...{ ownerName: maybe(text), createdAt: at, reviewedAt: maybe(at), attestationDueAt: maybe(at) },
  ...{ suspendedAt: maybe(at), offboardedAt: maybe(at), quarantinedAt: quarantined },
  inReviewSince: maybe(at),
});

export const saved = z.object({
  ...{ appId: id, revisionId: id, number: count, faults: z.array(fault).readonly() },
});

const detail = z.record(z.string(), z.unknown());

export const timelineEntry = z.object({ id, at, type: text, by: maybe(text), detail });

export const loggedEvent = z.object({
  ...{ id, at, type: text, reason: maybe(text), detail, appId: maybe(id), organizationId: maybe(id) },
  ...{ personId: maybe(id), personName: maybe(text) },
});

export const refusal = z.object({
  ...{ id, at, door: text, error: maybe(text), requestId: maybe(text), resourceServerId: maybe(id) },
  diagnosis: maybe(
    z.object({
      ...{ code: text, expected: text.optional(), got: text.optional(), seconds: z.number().optional() },
    }),
  ),
});

export const key = z.object({
  ...{ id, appId: id, kind: text, kid: maybe(text), thumbprint: maybe(text), createdAt: at },
  ...{ createdBy: text, endsAt: at, revokedAt: maybe(at), lastUsedAt: maybe(at) },
});

export const serverSecret = z.object({
  ...{ id, createdAt: at, createdBy: text, endsAt: at, revokedAt: maybe(at) },
});

export const change = z.object({
  ...{ id, kind: text, description: text, affectedScopes: texts, recordedAt: at, recordedBy: text },
  ...{ clearedAt: maybe(at), clearedBy: maybe(text) },
});

export const transfer = z.object({
  ...{ id, appId: id, appName: text, environment: text, fromOrganizationId: id, toOrganizationId: id },
  ...{ fromOrganizationName: text, toOrganizationName: text, newOwnerId: id, newOwnerName: text },
  ...{ newContractId: maybe(id), proposedAt: at, proposedBy: text, acceptedAt: maybe(at) },
  ...{ declinedAt: maybe(at), completedAt: maybe(at), reviewId: maybe(id) },
});

export const review = z.object({
  ...{ id, appId: id, revisionId: id, revisionNumber: count, appName: text, organizationId: id },
  ...{ organizationName: text, submittedAt: at, submittedBy: text, submittedByName: maybe(text) },
  ...{ approvalsNeeded: count, approvals: count, closedAt: maybe(at), outcome: maybe(text) },
});

export const apiToken = z.object({
  ...{ id, name: text, createdAt: at, expiresAt: at, lastUsedAt: maybe(at), revokedAt: maybe(at) },
});

export const initialAccessToken = z.object({
  ...{ id, organizationId: id, ownerId: id, environment: text, createdAt: at, createdBy: text },
  ...{ expiresAt: at, usesLeft: count, revokedAt: maybe(at) },
});
