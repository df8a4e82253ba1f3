// All standing consents of one app over one record are one card: what it can see is their union, and Stop ends them together.
import { mayResume } from '../policy/consent.ts';
import { earliest, type RepresentationFacts, representationStands } from '../policy/representation.ts';
import { grantsCutOff } from '../store/cut-offs.ts';
import type { Store } from '../store/database.ts';
import { namesOf } from '../store/patients.ts';
import { COUNTED_A_DAY, DAYS, lastUses, recentUses } from '../store/recent-use.ts';
import { representationFacts } from '../store/representations.ts';
import { listConsents } from '../store/seen-consents.ts';

import { sharedKinds } from './shared-kinds.ts';
import type { SharingEnd, SharingFacts } from './sharing-facts.ts';

type ListedConsent = Awaited<ReturnType<typeof listConsents>>[number];

/** What the cards are read from, as one person sees it. */
interface Seen {
  readonly personId: string;
  readonly now: Date;
  readonly used: ReadonlyMap<string, Date>;
  readonly recent: ReadonlyMap<string, readonly number[]>;
  readonly cutOff: ReadonlyMap<string, Date>;
  readonly representations: ReadonlyMap<string, RepresentationFacts>;
  readonly names: ReadonlyMap<string, string>;
}

const ends: Readonly<Record<string, SharingEnd>> = {
  app: 'app-ended',
  sign_out: 'signed-out',
  replay: 'protected',
  age_rules: 'representation-ended',
  dormancy: 'unused',
};

export async function sharingsOf(store: Store, personId: string, now: Date): Promise<SharingFacts[]> {
  const consents = await listConsents(store, personId);
  const grantIds = consents.map(({ grantId }) => grantId);
  const [used, cutOff, representations, names] = await Promise.all([
    lastUses(store, grantIds),
    grantsCutOff(store, grantIds),
    representationFacts(
      store,
      consents.flatMap(({ representationId }) => representationId ?? []),
    ),
    namesOf(
      store,
      consents.map(({ accountId }) => accountId),
    ),
  ]);
  const before: Seen = { personId, now, used, recent: new Map(), cutOff, representations, names };
  const stands = (consent: ListedConsent) => endOf(consent, before) === null && endsAt(consent) > now;
  const urlOf = (consent: ListedConsent) => sharingUrlOf(consent, personId);
  const standing = consents.filter(stands);
  const recent = await recentUses(
    store,
    standing.map(({ grantId }) => grantId),
    [...new Set(standing.flatMap(({ patientId }) => patientId ?? []))],
  );
  const seen: Seen = { ...before, recent };
  const cards = [...new Set(standing.map(urlOf))];
  return [
    ...cards.map((url) =>
      merged(
        standing.filter((consent) => urlOf(consent) === url),
        seen,
      ),
    ),
    ...consents.filter((consent) => !stands(consent)).map((consent) => ended(consent, seen)),
  ];
}

/** The end that holds now: an amendment may have moved it. */
const endsAt = ({ liveUntil, expiresAt }: ListedConsent): Date => liveUntil ?? expiresAt;
const scopeOf = ({ liveScope, grantedScope }: ListedConsent): string => liveScope ?? grantedScope;

/** Above the pages about what one shares of a record with an app. */
export function sharingUrlOf(
  { appId, patientId }: { readonly appId: string; readonly patientId: string | null },
  personId: string,
): string {
  const app = `/my/apps/${encodeURIComponent(appId)}`;
  const own = patientId === null || patientId === personId;
  return own ? app : `${app}/patients/${encodeURIComponent(patientId)}`;
}

function merged(group: readonly ListedConsent[], seen: Seen): SharingFacts {
  const [latest] = group as [ListedConsent];
  const times = (pick: (consent: ListedConsent) => Date | undefined) =>
    group.flatMap((consent) => pick(consent)?.getTime() ?? []);
  const uses = times(({ grantId }) => seen.used.get(grantId));
  const facts = group.map((consent) => described(consent, seen));
  return {
    ...described(latest, seen),
    decidedBy: facts.find(({ decidedBy }) => decidedBy !== null)?.decidedBy ?? null,
    shared: group.flatMap((consent) => sharedKinds(scopeOf(consent))),
    offline: group.some((consent) => scopeOf(consent).split(' ').includes('offline_access')),
    since: new Date(Math.min(...times(({ decidedAt }) => decidedAt))),
    endsAt: new Date(Math.max(...times(endsAt))),
    isPaused: group.every(({ pausedAt }) => pausedAt !== null),
    mayResume: group.some((consent) => mayResume(consent, seen.personId)),
    uses: group.map(({ grantId }) => seen.recent.get(grantId) ?? []).reduce(added, new Array(DAYS).fill(0)),
    isCountCapped: group.some(({ grantId }) => seen.recent.get(grantId)?.some((n) => n >= COUNTED_A_DAY)),
    lastUsedAt: uses.length === 0 ? null : new Date(Math.max(...uses)),
    ended: null,
  };
}

const added = (sum: readonly number[], more: readonly number[]) =>
  sum.map((count, day) => count + (more[day] ?? 0));

function ended(consent: ListedConsent, seen: Seen): SharingFacts {
  const { decidedAt, grantId } = consent;
  return {
    ...described(consent, seen),
    ...{
      shared: sharedKinds(scopeOf(consent)),
      offline: false,
      isPaused: false,
      mayResume: false,
      uses: [],
      isCountCapped: false,
    },
    since: decidedAt,
    endsAt: endsAt(consent),
    lastUsedAt: seen.used.get(grantId) ?? null,
    ended: endOf(consent, seen),
  };
}

/** What ended it before the day that was agreed on. */
function endOf(consent: ListedConsent, seen: Seen): SharingFacts['ended'] {
  const { personId, now, representations } = seen;
  const { withdrawnAt, withdrawnBy, patientId, representationId, app } = consent;
  const expiresAt = endsAt(consent);
  const cutAt = seen.cutOff.get(consent.grantId);
  if (cutAt !== undefined && cutAt < expiresAt && (withdrawnAt === null || cutAt < withdrawnAt)) {
    return { at: cutAt, why: 'network' };
  }
  if (withdrawnAt !== null) {
    const person = withdrawnBy === 'patient' || withdrawnBy === 'representative';
    const own = (withdrawnBy === 'patient') === (patientId === null || patientId === personId);
    const why = person ? (own ? 'stopped' : 'stopped-other') : (ends[withdrawnBy ?? ''] ?? 'app-ended');
    return { at: withdrawnAt, why };
  }
  const facts = representationId === null ? undefined : representations.get(representationId);
  const over = earliest([facts?.endedAt ?? null, facts?.endsAt ?? null]);
  if (over !== null && over < expiresAt && over <= now) return { at: over, why: 'representation-ended' };
  if (expiresAt <= now) return null;
  if (consent.organizationId !== app.organizationId) {
    return { at: app.transfers[0]?.completedAt ?? now, why: 'recipient-changed' };
  }
  if (representationId === null || (facts !== undefined && representationStands(facts, now))) return null;
  return { at: over ?? now, why: 'representation-ended' };
}

function described({ id, app, patient, patientId, accountId }: ListedConsent, { personId, names }: Seen) {
  const own = patientId === null || patientId === personId;
  return {
    consentId: id,
    appName: app.revision?.name ?? app.id,
    organizationName: app.organization.legalName,
    websiteHost: app.revision === null ? '' : new URL(app.revision.websiteUrl).host,
    patientName: own ? null : (patient?.name ?? null),
    decidedBy: accountId === personId ? null : (names.get(accountId) ?? null),
    ...{ appId: app.id, patientId: own ? null : patientId },
    baseUrl: sharingUrlOf({ appId: app.id, patientId }, personId),
  };
}
