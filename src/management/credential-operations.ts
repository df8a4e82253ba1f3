import { z } from 'zod';
import { endApiToken, listApiTokens } from '../registry/api-tokens.ts';
import { addKey, endKey, listKeys } from '../registry/app-keys.ts';
import { findAppFor } from '../registry/app-records.ts';
import { listChanges, newChange, recordChange } from '../registry/changes.ts';
import { endInitialAccessToken, listInitialAccessTokens } from '../registry/initial-access-tokens.ts';
import { because, prose, readInput } from '../registry/input.ts';
import {
  acceptance,
  acceptTransfer,
  declineTransfer,
  listTransfers,
  proposal,
  proposeTransfer,
  withdrawTransfer,
} from '../registry/transfers.ts';
import * as answers from './answers.ts';
import { listOf, operationsOf, STEP_UP } from './operation.ts';

const keys = operationsOf('keys');
const changes = operationsOf('changes');
const transfers = operationsOf('transfers');
const tokens = operationsOf('tokens');

export const ending = z.strictObject({
  reason: prose(1_000),
  overlapDays: z
    .int()
    .min(1)
    .optional()
    .meta({ description: 'Left out: it ends at once; else it is accepted that long beside its successor' }),
});

const newKey = z.strictObject({ jwk: z.record(z.string(), z.unknown()) });
const assertion = z.strictObject({ assertion: z.string().min(1).max(8_192) });

export const credentialOperations = [
  keys.get('listKeys', '/apps/{appId}/keys', {
    ...{ summary: 'Its keys and secrets, ended ones too, the newest first', answer: listOf(answers.key) },
    run: async ({ deps, actor, at }) => ({ rows: await listKeys(deps, actor, at('appId')) }),
  }),
  keys.post('addKey', '/apps/{appId}/keys', {
    ...{
      summary: 'Registers a public key (RFC 7517)',
      body: newKey,
      answer: answers.key,
      status: 201,
      ...STEP_UP,
    },
    run: ({ deps, actor, at, body }) => addKey(deps, actor, at('appId'), readInput(newKey, body).jwk),
  }),
  keys.post('endKey', '/apps/{appId}/keys/{keyId}/end', {
    ...{ summary: 'Ends a key or a secret, at once or after an overlap', body: ending, answer: answers.key },
    run: ({ deps, actor, at, body }) => {
      const { overlapDays: when = 'now', reason = '' } = readInput(ending.partial(), body);
      return endKey(deps, actor, at('appId'), at('keyId'), { when, reason });
    },
  }),
  keys.post('checkAssertion', '/apps/{appId}/assertion-check', {
    summary: 'All that is wrong with an assertion of the app; nothing is used up',
    body: assertion,
    answer: listOf(
      z.object({
        ...{ code: z.string(), claim: z.string(), text: z.string(), expected: z.string().optional() },
        ...{ got: z.string().optional(), seconds: z.number().optional() },
      }),
    ),
    run: async ({ deps, actor, at, body, checkAssertion }) => {
      const { id } = await findAppFor(deps, actor, at('appId'));
      return { rows: await checkAssertion(id, readInput(assertion, body).assertion) };
    },
  }),
  changes.get('listChanges', '/apps/{appId}/changes', {
    ...{ summary: 'Recorded changes, the newest first', answer: listOf(answers.change) },
    run: async ({ deps, actor, at }) => ({ rows: await listChanges(deps, actor, at('appId')) }),
  }),
  changes.post('recordChange', '/apps/{appId}/changes', {
    summary:
      'A change of vendor, subprocessor, module or data flow: its scopes stop until a review has seen it',
    ...{ body: newChange, answer: z.object({ changeId: answers.id }), status: 201 },
    run: ({ deps, actor, at, body }) => recordChange(deps, actor, at('appId'), body),
  }),
  transfers.get('listTransfers', '/transfers', {
    summary: 'Apps on their way to another organization, the newest first',
    query: z.strictObject({ appId: z.string().optional(), open: z.enum(['true', 'false']).optional() }),
    answer: listOf(answers.transfer),
    run: async ({ deps, actor, query: { appId, open } }) => {
      const filter = { appId, ...(open === undefined ? {} : { open: open === 'true' }) };
      return { rows: await listTransfers(deps, actor, filter) };
    },
  }),
  transfers.post('proposeTransfer', '/apps/{appId}/transfers', {
    summary: 'Proposes to move an app to another organization and owner',
    ...{ body: proposal, answer: z.object({ transferId: answers.id }), status: 201 },
    run: ({ deps, actor, at, body }) => proposeTransfer(deps, actor, at('appId'), body),
  }),
  transfers.post('acceptTransfer', '/transfers/{transferId}/accept', {
    summary: 'By the new owner herself, who may name the contract; in production the move takes an approval',
    body: acceptance,
    run: ({ deps, actor, at, body }) => acceptTransfer(deps, actor, at('transferId'), body),
  }),
  transfers.post('declineTransfer', '/transfers/{transferId}/decline', {
    summary: 'By the new owner herself',
    run: ({ deps, actor, at }) => declineTransfer(deps, actor, at('transferId')),
  }),
  transfers.post('withdrawTransfer', '/transfers/{transferId}/withdraw', {
    summary: 'By who may propose it',
    run: ({ deps, actor, at }) => withdrawTransfer(deps, actor, at('transferId')),
  }),
  tokens.get('listApiTokens', '/api-tokens', {
    summary: 'Your tokens for this interface, the newest first; new ones are made in the portal',
    answer: listOf(answers.apiToken),
    run: async ({ deps, actor }) => ({ rows: await listApiTokens(deps, actor) }),
  }),
  tokens.delete('endApiToken', '/api-tokens/{tokenId}', {
    summary: 'Ends one of them, the one in use too',
    run: ({ deps, actor, at }) => endApiToken(deps, actor, at('tokenId')),
  }),
  tokens.get('listInitialAccessTokens', '/organizations/{organizationId}/initial-access-tokens', {
    summary: 'With what an organization may register apps (RFC 7591 §3), the newest first',
    answer: listOf(answers.initialAccessToken),
    run: async ({ deps, actor, at }) => ({
      rows: await listInitialAccessTokens(deps, actor, at('organizationId')),
    }),
  }),
  tokens.post('endInitialAccessToken', '/initial-access-tokens/{tokenId}/end', {
    ...{ summary: 'Nothing is registered with it any more', body: because },
    run: ({ deps, actor, at, body }) => endInitialAccessToken(deps, actor, at('tokenId'), body),
  }),
];
