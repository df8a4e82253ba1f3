import { z } from 'zod';
import { at, change, fault, id, maybe, review, revision } from './answers.ts';

const text = z.string();
const texts = z.array(text).readonly();
const value = z.union([text, z.number(), texts, z.null()]);

export const reviewDetail = z.object({
  review,
  revision,
  inForce: maybe(revision),
  diff: z
    .array(z.object({ field: text, before: value, after: value, added: texts, removed: texts }))
    .readonly(),
  subprocessors: z
    .array(z.object({ organizationId: id, legalName: text, country: text, service: text }))
    .readonly(),
  domains: z.array(z.object({ domain: text, verifiedAt: maybe(at) })).readonly(),
  lookAlikes: z.array(z.object({ kind: text, id, name: text, organizationName: text })).readonly(),
  decisions: z
    .array(
      z.object({
        ...{ reviewerId: id, reviewerName: maybe(text), decision: text, reason: maybe(text), decidedAt: at },
      }),
    )
    .readonly(),
  openChanges: z.array(change).readonly(),
  transfer: maybe(
    z.object({
      ...{ id, toOrganizationId: id, toOrganizationName: text, newOwnerName: text },
      ...{ acceptedAt: maybe(at), completes: z.boolean() },
    }),
  ),
  faults: z
    .array(fault)
    .readonly()
    .meta({ description: 'What of it is more than the contract of the app covers' }),
  refusal: maybe(text).meta({ description: 'Why you may not decide it; null: you may' }),
});
