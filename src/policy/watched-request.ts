// What somebody is asked on the day after she came back by recovery: nothing that is sensitive.
import type { ConsentRequest } from '../smart/consent-choices.ts';
import type { WordingKey } from '../smart/resource-types.ts';
import type { Scope } from '../smart/scope.ts';
import type { RepresentationLimit } from './representation.ts';
import { type LeftOut, representedRequest } from './represented-request.ts';

export interface WatchedRequest {
  readonly request: ConsentRequest;
  readonly leftOut: LeftOut;
  /** Not offered until the watch is over. */
  readonly heldBack: readonly WordingKey[];
}

export function watchedRequest(
  scopes: readonly Scope[],
  limit: RepresentationLimit | null,
  isWatched: boolean,
): WatchedRequest {
  if (!isWatched || limit?.hidesConfidential) return { ...representedRequest(scopes, limit), heldBack: [] };
  const held = { scope: null, endsAt: null, ...limit, hidesConfidential: true };
  const { request, leftOut } = representedRequest(scopes, held);
  return { request, leftOut: { ...leftOut, confidential: [] }, heldBack: leftOut.confidential };
}
