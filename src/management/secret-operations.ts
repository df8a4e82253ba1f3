import { z } from 'zod';
import { addSecret } from '../registry/app-keys.ts';
import { createInitialAccessToken, newInitialAccessToken } from '../registry/initial-access-tokens.ts';
import { createScimToken, newScimToken } from '../registry/scim-tokens.ts';
import { addServerSecret } from '../registry/server-secrets.ts';
import { setStaffProvider, staffProvider } from '../registry/staff-providers.ts';
import { at, id, key, serverSecret } from './answers.ts';
import { operationsOf, STEP_UP } from './operation.ts';

const keys = operationsOf('keys');
const tokens = operationsOf('tokens');
const servers = operationsOf('resource servers');
const organizations = operationsOf('organizations');

const secret = z.string().meta({ description: 'Shown once: only its hash is kept' });
const newToken = z.object({ token: secret, id, expiresAt: at });
const shown = { status: 201, ...STEP_UP } as const;

/** What is shown once, and opens something. */
export const secretOperations = [
  keys.post('addSecret', '/apps/{appId}/secrets', {
    ...{ summary: 'Draws a secret of an app', answer: key.extend({ secret }), ...shown },
    run: ({ deps, actor, at: named }) => addSecret(deps, actor, named('appId')),
  }),
  servers.post('addServerSecret', '/resource-servers/{serverId}/secrets', {
    summary: 'Draws a secret with which a resource server asks about tokens',
    ...{ answer: serverSecret.extend({ secret }), ...shown },
    run: ({ deps, actor, at: named }) => addServerSecret(deps, actor, named('serverId')),
  }),
  tokens.post('createInitialAccessToken', '/initial-access-tokens', {
    summary: 'A token with which an organization registers apps (RFC 7591 §3)',
    ...{ body: newInitialAccessToken, answer: newToken, ...shown },
    run: ({ deps, actor, body }) => createInitialAccessToken(deps, actor, body),
  }),
  organizations.post('createScimToken', '/organizations/{organizationId}/scim-tokens', {
    summary: 'A token of its directory (SCIM 2.0)',
    ...{ body: newScimToken, answer: newToken, ...shown },
    run: ({ deps, actor, at: named, body }) => createScimToken(deps, actor, named('organizationId'), body),
  }),
  organizations.put('setStaffProvider', '/organizations/{organizationId}/staff-provider', {
    summary: 'The OpenID provider by which its people sign in, in place of the one before',
    ...{ body: staffProvider, answer: z.object({ providerId: id, redirectUri: z.string() }), ...STEP_UP },
    run: ({ deps, actor, at: named, body }) => setStaffProvider(deps, actor, named('organizationId'), body),
  }),
];
