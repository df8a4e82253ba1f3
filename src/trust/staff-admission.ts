import { type StaffIdentityFault, staffIdentityFault } from '../policy/staff-identity.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { bindSubject, findSubject } from '../store/staff-identities.ts';
import type { KnownProvider } from '../store/staff-providers.ts';
import { requestId } from '../web/request-context.ts';
import type { StaffTrustDeps } from './deps.ts';
import type { Identity } from './identity.ts';

type Admitted = { readonly personId: string } | { readonly fault: StaffIdentityFault };

/** Who of the organization it is; the first time she is bound to the subject, by her verified mail address. */
export async function staffOf(
  deps: Pick<StaffTrustDeps, 'store'>,
  provider: KnownProvider,
  identity: Identity,
): Promise<Admitted> {
  const { organizationId } = provider;
  const subject = { organizationId, issuer: identity.issuer, subject: identity.subject };
  const { email } = identity.person;
  const admitted = await deps.store.prisma.$transaction(async (tx): Promise<Admitted> => {
    const known = await findSubject(tx, subject, email);
    const { acr, amr } = identity;
    const fault = staffIdentityFault({ provider, acr, amr, email, ...known, now: new Date() });
    const person = known.bound ?? known.named;
    if (fault !== undefined || person === null) return { fault: fault ?? 'person_unknown' };
    const { personId } = person;
    if (known.bound === null && !(await bindSubject(tx, subject, personId, requestId())))
      return { fault: 'subject_of_another' };
    const about = { accountId: personId, organizationId, detail: { providerId: provider.id } };
    await appendAuditEvent(tx, { type: 'person.signed_in', ...about }, requestId());
    return { personId };
  });
  if ('fault' in admitted) await recordStaffRefusal(deps, provider, admitted.fault);
  return admitted;
}

export async function recordStaffRefusal(
  { store }: Pick<StaffTrustDeps, 'store'>,
  { id: providerId, organizationId }: KnownProvider,
  code: string,
): Promise<void> {
  const detail = { providerId, code };
  await appendAuditEvent(
    store.prisma,
    { type: 'person.sign_in_refused', organizationId, detail },
    requestId(),
  );
}
