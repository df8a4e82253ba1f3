import type { Context } from 'koa';
import type { Attempt } from './departure.ts';
import type { TrustDeps } from './deps.ts';
import type { ProviderSettings } from './provider-settings.ts';
import type { UpstreamFaultKind } from './upstream-fault.ts';

/** What a person reads of a proofing that came to nothing. Which records there are is never told. */
export type Stopped = UpstreamFaultKind | 'too-weak' | 'no-match' | 'has-passkey' | 'signed-out';

const STATUS: Readonly<Record<Stopped, number>> = {
  // No page that could be read again: its address was the answer of a provider, which counts once.
  declined: 403,
  unavailable: 503,
  refused: 400,
  'too-weak': 403,
  'no-match': 403,
  'has-passkey': 409,
  'signed-out': 401,
};

/** Trying again could end otherwise. */
const REPEATABLE: readonly Stopped[] = ['declined', 'unavailable', 'refused', 'too-weak', 'no-match'];

interface WhatStopped {
  readonly attempt: Pick<Attempt, 'id' | 'next'>;
  readonly provider: Pick<ProviderSettings, 'name'>;
  readonly why: Stopped;
}

export function showStopped(
  { pages }: TrustDeps,
  ctx: Context,
  { attempt, provider, why }: WhatStopped,
): void {
  const view = {
    ...{ why, providerName: provider.name, backUrl: attempt.next },
    againUrl: REPEATABLE.includes(why) ? `/proofing/${attempt.id}/again` : null,
  };
  pages.renderPage(ctx, 'proofing-stopped', view, STATUS[why]);
}
