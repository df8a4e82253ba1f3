// The judgement of introspection about a token: that of the endpoint, and of who asks whether a token is still active.
import type { Reason } from '../errors.ts';
import { decide } from './rules.ts';
import { type TokenFacts, tokenAudience, tokenStanding } from './token.ts';

/** Undefined: it is active for a resource server with these FHIR bases. */
export const judgeToken = (
  token: TokenFacts & { readonly audience: string },
  fhirBases: readonly string[],
): Reason | undefined =>
  decide(tokenAudience, { audience: token.audience, fhirBases }) ?? decide(tokenStanding, token);
