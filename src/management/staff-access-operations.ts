import { z } from 'zod';
import { because } from '../registry/input.ts';
import { endScimToken, listScimTokens } from '../registry/scim-tokens.ts';
import { endStaffProviderOf, listStaffProviders } from '../registry/staff-providers.ts';
import { at, id, maybe } from './answers.ts';
import { listOf, operationsOf } from './operation.ts';

const organizations = operationsOf('organizations');
const of = '/organizations/{organizationId}';
const text = z.string();

const provider = z.object({
  ...{ id, issuer: text, clientId: text, method: text, domains: z.array(text).readonly() },
  ...{ acr: maybe(text), amr: maybe(text), required: z.boolean(), coversOversight: z.boolean() },
  ...{ createdAt: at, createdBy: text, endedAt: maybe(at) },
});

const scimToken = z.object({
  ...{ id, name: text, createdAt: at, createdBy: text, expiresAt: at },
  ...{ lastUsedAt: maybe(at), revokedAt: maybe(at) },
});

export const staffAccessOperations = [
  organizations.get('listStaffProviders', `${of}/staff-providers`, {
    summary: 'OpenID providers by which its people sign in, the latest first: one at most has not ended',
    answer: listOf(provider),
    run: async ({ deps, actor, at: named }) => ({
      rows: await listStaffProviders(deps, actor, named('organizationId')),
    }),
  }),
  organizations.post('endStaffProvider', `${of}/staff-providers/end`, {
    ...{
      summary: 'Its people sign in with passkeys again; who came by the provider is signed out',
      body: because,
    },
    run: ({ deps, actor, at: named, body }) => endStaffProviderOf(deps, actor, named('organizationId'), body),
  }),
  organizations.get('listScimTokens', `${of}/scim-tokens`, {
    ...{ summary: 'Tokens of its directory (SCIM 2.0), the latest first', answer: listOf(scimToken) },
    run: async ({ deps, actor, at: named }) => ({
      rows: await listScimTokens(deps, actor, named('organizationId')),
    }),
  }),
  organizations.post('endScimToken', '/scim-tokens/{tokenId}/end', {
    ...{ summary: 'Ends a token of a directory at once', body: because },
    run: ({ deps, actor, at: named, body }) => endScimToken(deps, actor, named('tokenId'), body),
  }),
];
