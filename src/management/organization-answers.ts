import { z } from 'zod';
import { at, id, maybe } from './answers.ts';

const text = z.string();
const count = z.int();
const texts = z.array(text).readonly();

const contact = z.object({ role: text, name: text, email: text, phone: text.optional() });

export const organization = z.object({
  ...{ id, legalName: text, kind: text, country: text, identifier: maybe(text), createdAt: at },
  ...{ admittedAt: maybe(at), suspendedAt: maybe(at), offboardedAt: maybe(at), mergedAt: maybe(at) },
  ...{ mergedIntoId: maybe(id), webhookUrl: maybe(text), contacts: z.array(contact).readonly() },
  lookAlikes: z.array(z.object({ id, legalName: text })).readonly(),
});

export const listedOrganization = z.object({
  ...{ id, legalName: text, kind: text, country: text, admittedAt: maybe(at), suspendedAt: maybe(at) },
  ...{ offboardedAt: maybe(at), mergedAt: maybe(at), apps: count, people: count },
});

export const namedOrganization = z.object({ id, legalName: text, country: text });

export const domain = z.object({ domain: text, code: text, url: text, createdAt: at, verifiedAt: maybe(at) });

export const listedPerson = z.object({
  ...{ id, organizationId: id, organizationName: text, name: text, email: text, leftAt: maybe(at) },
  ...{ roles: texts, passkeys: count },
});

export const person = listedPerson.extend({
  createdAt: at,
  roleHistory: z
    .array(z.object({ role: text, grantedAt: at, grantedBy: text, endedAt: maybe(at) }))
    .readonly(),
  apps: z.array(z.object({ id, name: text, as: text })).readonly(),
});

const fhirBase = z.object({ url: text, slug: text, environment: text });

export const listedFhirBase = fhirBase.extend({ serverName: text });

const answerable = {
  ...{ organizationId: maybe(id), organizationName: maybe(text), ownerId: maybe(id) },
  ...{ ownerName: maybe(text), createdAt: at, suspendedAt: maybe(at) },
};

const keys = z.object({ keys: z.array(z.record(z.string(), z.unknown())).readonly() });

export const resourceServer = z.object({
  ...{ id, name: text, ...answerable, fhirBases: z.array(fhirBase).readonly(), jwks: maybe(keys) },
  secrets: z.array(z.object({ id, createdAt: at, endsAt: at })).readonly(),
});

export const ehr = z.object({
  ...{ id, name: text, ...answerable, fhirBaseUrl: text, jwks: keys },
});

const owner = maybe(z.object({ id: maybe(id), name: text, leftAt: maybe(at) }));

export const inventoryPath = z.object({
  ...{ kind: text, id, name: text, environments: texts, state: text, owner, backupOwner: owner },
  ...{ organization: z.object({ id: maybe(id), name: text }), contractEndsAt: maybe(at) },
  ...{ attestationDueAt: maybe(at), purposes: texts, categories: texts, access: texts, roles: texts },
  ...{ services: texts, apps: maybe(count), livePatients: maybe(count), liveTokens: maybe(count) },
  ...{ credentialAgeDays: maybe(count), credentialEndsAt: maybe(at), lastUsedAt: maybe(at), findings: texts },
});

export const kindCount = z.object({
  ...{ kind: text, paths: count, found: count, findings: z.record(z.string(), count) },
});
