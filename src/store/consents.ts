import type { Withdrawer } from '../audit-event.ts';
import type { ConsentFacts } from '../policy/consent.ts';
import { appendAuditEvent } from './audit-events.ts';
import { GRANTS_CUT_OFF } from './cut-offs.ts';
import type { Store } from './database.ts';
import type { Consent } from './generated/client.ts';

export type NewConsent = Omit<Consent, 'withdrawnAt' | 'withdrawnBy' | 'launchContext' | 'clock'> & {
  /** The revocation clock, read before any fact that the decision was asked for under. */
  readonly clock: number;
  readonly launchContext: Readonly<Record<string, unknown>>;
};

export async function recordConsent(store: Store, consent: NewConsent, requestId?: string): Promise<void> {
  const { appId, accountId, patientId, grantId, purpose, grantedScope: scope, audience } = consent;
  const detail = { scope, audience, expiresAt: consent.expiresAt.toISOString() };
  await store.prisma.$transaction([
    store.prisma.consent.create({
      data: {
        ...consent,
        clock: BigInt(consent.clock),
        launchContext: JSON.parse(JSON.stringify(consent.launchContext)),
      },
      select: { id: true },
    }),
    appendAuditEvent(
      store.prisma,
      { type: 'consent.granted', appId, accountId, patientId, grantId, purpose, detail },
      requestId,
    ),
  ]);
}

/** With what policy/consent asks beside. */
export interface GrantedConsent extends ConsentFacts {
  readonly patientId: string | null;
  readonly representationId: string | null;
  readonly audience: string;
  readonly purpose: string;
  readonly launchContext: Readonly<Record<string, unknown>>;
}

const BY_GRANT = `
  SELECT d.patient_id AS "patientId", d.representation_id AS "representationId", d.audience, d.purpose,
    d.launch_context AS "launchContext", d.organization_id AS "organizationId", d.withdrawn_at AS "withdrawnAt",
    d.expires_at AS "expiresAt", d.clock::float8 AS clock, ${GRANTS_CUT_OFF} AS "cutOff"
  FROM consent d JOIN app a ON a.id = d.app_id
  WHERE d.grant_id = $1`;

export async function findConsentByGrant(store: Store, grantId: string): Promise<GrantedConsent | undefined> {
  const [consent] = await store.sql<GrantedConsent>(BY_GRANT, [grantId]);
  return consent;
}

/** The latest decision of a person about an app, a patient and a purpose that still stands. */
export async function findLiveConsent(
  store: Store,
  about: Pick<Consent, 'accountId' | 'patientId' | 'appId' | 'organizationId' | 'purpose'>,
  now: Date,
) {
  return store.prisma.consent.findFirst({
    where: { ...about, withdrawnAt: null, expiresAt: { gt: now } },
    orderBy: { decidedAt: 'desc' },
  });
}

/** What a person decided, for herself or for others, and what her representatives decided for her. */
const seenBy = (personId: string) => ({
  OR: [{ accountId: personId }, { patientId: personId, representationId: { not: null } }],
});

export async function listConsents(store: Store, personId: string) {
  return store.prisma.consent.findMany({
    where: seenBy(personId),
    include: {
      app: {
        include: {
          organization: true,
          revision: true,
          transfers: { where: { completedAt: { not: null } }, orderBy: { completedAt: 'desc' }, take: 1 },
        },
      },
      patient: true,
    },
    orderBy: { decidedAt: 'desc' },
  });
}

/**
 * Ends grants: the consents, the provider's grants and what was issued under them, with the audit events, in one
 * transaction. Answers with the events: their ids are the receipt.
 */
export async function endGrants(
  store: Store,
  grantIds: readonly string[],
  { by, accountId }: { readonly by: Withdrawer /** The person who did it. */; readonly accountId?: string },
  requestId?: string,
) {
  const now = new Date();
  return store.prisma.$transaction(async (tx) => {
    const ended = await tx.consent.updateManyAndReturn({
      where: { grantId: { in: [...grantIds] }, withdrawnAt: null },
      data: { withdrawnAt: now, withdrawnBy: by },
    });
    await tx.oidcPayload.updateMany({
      where: { grantId: { in: [...grantIds] }, revokedAt: null },
      data: { revokedAt: now },
    });
    const eventIds: bigint[] = [];
    for (const { appId, patientId, grantId, purpose } of ended) {
      const about = { appId, accountId, patientId, grantId, purpose };
      const event = { type: 'consent.withdrawn', ...about, detail: { by } } as const;
      eventIds.push((await appendAuditEvent(tx, event, requestId)).id);
    }
    return { at: now, eventIds };
  });
}

/** The grants to an app over a patient's record that a person may end, and that nobody has ended. */
export async function liveGrantIds(
  store: Store,
  personId: string,
  about: { readonly appId: string; readonly patientId: string },
): Promise<string[]> {
  const rows = await store.prisma.consent.findMany({
    where: { ...about, ...seenBy(personId), withdrawnAt: null },
    select: { grantId: true },
  });
  return rows.map(({ grantId }) => grantId);
}
