// Whom an evaluation is about: a token, or an app and the person in whose name it acts.
import type { Store } from '../store/database.ts';
import { uuidOf } from '../store/hash.ts';
import { findIntrospectedToken, type IntrospectedToken } from '../store/introspections.ts';
import { findLiveTokens } from '../store/live-tokens.ts';
import type { Evaluation } from './evaluation-request.ts';

type Subject = Evaluation['subject'];
type Tokens = readonly IntrospectedToken[];

/** Of a token that is none of ours: it is not kept either. */
export const hashOf = ({ type, id }: Subject): string | undefined =>
  type === 'access_token' ? uuidOf(id) : undefined;

/** The token that a subject is; empty: it is none. */
export const tokenIn = ({ type, id }: Subject): string => (type === 'access_token' ? id : '');

interface Known {
  /** Of the first evaluation, where it is about a token that was found. */
  readonly first: IntrospectedToken | undefined;
  /** The FHIR bases of who asks. */
  readonly audiences: readonly string[];
}

/** The tokens on which each evaluation may rest. A subject is looked up once for all evaluations of a call. */
export async function tokensOfEach(
  store: Store,
  evaluations: readonly Evaluation[],
  { first, audiences }: Known,
): Promise<readonly Tokens[]> {
  const [only, ...more] = evaluations;
  // What nearly all ask.
  if (only !== undefined && more.length === 0 && tokenIn(only.subject) !== '') return [first ? [first] : []];
  const finding = new Map<string, Promise<Tokens>>();
  const find = ({ subject }: Evaluation, at: number): Tokens | Promise<Tokens> => {
    const name = nameOf(subject);
    let found = finding.get(name);
    if (found === undefined) {
      const isKnown = at === 0 && tokenIn(subject) !== '';
      found = isKnown ? Promise.resolve(first ? [first] : []) : tokensOf(store, subject, audiences);
      finding.set(name, found);
    }
    return found;
  };
  return Promise.all(evaluations.map(find));
}

const nameOf = ({ type, id, properties = {} }: Subject): string =>
  JSON.stringify([type, id, properties.client_id, properties.user]);

/**
 * An app with a person has what its live access tokens have for one of these audiences, as introspection would tell of
 * each: none, and nothing is permitted, whatever grant there is.
 */
async function tokensOf(store: Store, subject: Subject, audiences: readonly string[]): Promise<Tokens> {
  const { type, id, properties: { client_id, user } = {} } = subject;
  if (type === 'access_token')
    return [await findIntrospectedToken(store, id)].flatMap((token) => token ?? []);
  if (type === 'client') return findLiveTokens(store, { clientId: id, accountId: user, audiences });
  if (type !== 'user' || client_id === undefined) return [];
  return findLiveTokens(store, { clientId: client_id, accountId: id, audiences });
}
