// Back from an identity provider. Its answer counts once and in the browser that was sent there; whatever is wrong with it
// is a page that says what to do next, and an audit event that says why.
import type { Context } from 'koa';
import { browserHash } from '../passkeys/page-ceremony.ts';
import { demographicsOf } from '../policy/demographics.ts';
import { type IdentityLevel, reaches } from '../policy/identity-assurance.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { receiveAttempt, type SentAttempt } from '../store/proofing-attempts.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { seeOther } from '../web/see-other.ts';
import { callbackUrl } from './departure.ts';
import type { TrustDeps } from './deps.ts';
import type { Identity } from './identity.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { recordProofing } from './record-proofing.ts';
import { type Stopped, showStopped } from './stopped-page.ts';
import { UpstreamFault } from './upstream-fault.ts';

/** Why it came to nothing: for the person, and for the audit. */
interface Refused {
  readonly why: Stopped;
  readonly code: string;
  /** To whom the subject is bound. */
  readonly patientId?: string;
}

interface Answered {
  readonly attempt: SentAttempt;
  readonly provider: ProviderSettings;
}

export async function receiveCallback(deps: TrustDeps, ctx: Context): Promise<void> {
  const { store, providers } = deps;
  const provider = providers.find(({ id }) => id === ctx.params.provider);
  if (provider === undefined) throw new PageError(404, 'not-found');
  const { state } = ctx.query;
  const known = deps.browser.presentedId(ctx) !== undefined && typeof state === 'string';
  const received = { state: String(state), providerId: provider.id, browserHash: browserHash(deps, ctx) };
  const attempt = known ? await receiveAttempt(store, received) : undefined;
  if (attempt === undefined) throw new PageError(410, 'proofing-ended');
  const answered = { attempt, provider };
  const refused = await proved(deps, ctx, { ...answered, state: received.state });
  if (refused === undefined) {
    const { id, reason, next } = attempt;
    return seeOther(ctx, reason === 'enrol' ? `/proofing/${id}/passkey` : next);
  }
  await recordRefusal(deps, answered, refused);
  showStopped(deps, ctx, { ...answered, why: refused.why });
}

async function proved(
  deps: TrustDeps,
  ctx: Context,
  { attempt, provider, state }: Answered & { readonly state: string },
): Promise<Refused | undefined> {
  const { nonce, codeVerifier } = attempt;
  const callback = new URL(callbackUrl(deps.issuer, provider.id));
  callback.search = ctx.querystring;
  try {
    const identity = await deps.upstream.identify(provider, callback, { state, nonce, codeVerifier });
    return await matched(deps, ctx, { attempt, provider, identity });
  } catch (error) {
    if (!(error instanceof UpstreamFault)) throw error;
    return { why: error.kind, code: error.code };
  }
}

async function matched(
  { store, matcher, sessions }: TrustDeps,
  ctx: Context,
  { attempt, provider, identity }: Answered & { readonly identity: Identity },
): Promise<Refused | undefined> {
  const { level } = identity;
  if (level === undefined || !reaches(level, attempt.level as IdentityLevel))
    return { why: 'too-weak', code: 'level_too_low' };
  const person = demographicsOf(identity.person);
  if (person === undefined) return { why: 'no-match', code: 'claims_missing' };
  const patientId = await matcher.match(person);
  if (patientId === undefined) return { why: 'no-match', code: 'no_single_match' };
  if (attempt.patientId !== null && attempt.patientId !== patientId)
    return { why: 'no-match', code: 'another_person', patientId: attempt.patientId };
  const enrols = attempt.reason === 'enrol';
  // A way back in without a passkey is recovery, which asks for more.
  if (enrols && (await listPasskeys(store, { patientId })).length > 0)
    return { why: 'has-passkey', code: 'has_passkey', patientId };
  const raises = attempt.reason === 'raise';
  const passkeyId = raises ? await sessions.passkeyOf(ctx) : undefined;
  if (raises && (passkeyId === undefined || (await sessions.accountOf(ctx)) !== patientId))
    return { why: 'signed-out', code: 'signed_out', patientId };
  const boundTo = await recordProofing(store, { attempt, provider, identity, level, patientId, passkeyId });
  return boundTo === undefined
    ? undefined
    : { why: 'no-match', code: 'subject_of_another', patientId: boundTo };
}

async function recordRefusal(
  { store, log }: TrustDeps,
  { attempt, provider }: Answered,
  { code, why, patientId }: Refused,
): Promise<void> {
  const detail = { provider: provider.id, for: attempt.reason, code };
  await appendAuditEvent(store.prisma, { type: 'identity.refused', patientId, detail }, requestId());
  if (why === 'refused' || why === 'unavailable') {
    log.warn({ provider: provider.id, code }, 'the answer of an identity provider cannot be used');
  }
}
