// Whom an evaluation is about: a token, or an app and the person in whose name it acts.
import type { Store } from '../store/database.ts';
import { uuidOf } from '../store/hash.ts';
import { findIntrospectedToken, type IntrospectedToken } from '../store/introspections.ts';
import { findLiveTokens } from '../store/live-tokens.ts';
import type { Evaluation } from './evaluation-request.ts';

export type Subject = Evaluation['subject'];

/** A subject is looked up once for all evaluations of a call: at one instant. */
export const nameOf = ({ type, id, properties = {} }: Subject): string =>
  JSON.stringify([type, id, properties.client_id, properties.user]);

/** Of a token that is none of ours: it is not kept either. */
export const hashOf = ({ type, id }: Subject): string | undefined =>
  type === 'access_token' ? uuidOf(id) : undefined;

/** The token that a subject is; empty: it is none. */
export const tokenIn = ({ type, id }: Subject): string => (type === 'access_token' ? id : '');

/**
 * The tokens on which it may rest. An app with a person has what its live access tokens have for one of these audiences,
 * as introspection would tell of each: none, and nothing is permitted, whatever grant there is.
 */
export async function tokensOf(
  store: Store,
  subject: Subject,
  audiences: readonly string[],
): Promise<readonly IntrospectedToken[]> {
  const { type, id, properties: { client_id, user } = {} } = subject;
  if (type === 'access_token')
    return [await findIntrospectedToken(store, id)].flatMap((token) => token ?? []);
  if (type === 'client') return findLiveTokens(store, { clientId: id, accountId: user, audiences });
  if (type !== 'user' || client_id === undefined) return [];
  return findLiveTokens(store, { clientId: client_id, accountId: id, audiences });
}
