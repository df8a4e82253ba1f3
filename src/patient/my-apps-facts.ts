// All standing consents of one app are one card: what it can see is their union, and Stop ends them together.
import { consentRequest } from '../smart/consent-choices.ts';
import { parseScopes } from '../smart/scope.ts';
import { listConsents } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import { lastUses } from '../store/introspections.ts';
import type { SharedKind, SharingEnd, SharingFacts } from './my-apps-view.ts';

type ListedConsent = Awaited<ReturnType<typeof listConsents>>[number];

const ends: Readonly<Record<string, SharingEnd>> = {
  patient: 'stopped',
  app: 'app-ended',
  sign_out: 'signed-out',
  replay: 'protected',
};

export async function sharingsOf(store: Store, patientId: string, now: Date): Promise<SharingFacts[]> {
  const consents = await listConsents(store, patientId);
  const used = await lastUses(
    store,
    consents.map(({ grantId }) => grantId),
  );
  const stands = ({ withdrawnAt, expiresAt }: ListedConsent) => withdrawnAt === null && expiresAt > now;
  const standing = consents.filter(stands);
  const appIds = [...new Set(standing.map(({ appId }) => appId))];
  return [
    ...appIds.map((id) =>
      merged(
        standing.filter(({ appId }) => appId === id),
        used,
      ),
    ),
    ...consents.filter((consent) => !stands(consent)).map((consent) => ended(consent, used)),
  ];
}

export function sharedKinds(scopes: readonly string[]): SharedKind[] {
  return consentRequest(parseScopes(scopes.join(' ')).scopes)
    .choices.filter(({ broad }, _index, all) => broad || !all.some((choice) => choice.broad))
    .map(({ category, access }) => ({ category, access }));
}

function merged(group: readonly ListedConsent[], used: ReadonlyMap<string, Date>): SharingFacts {
  const [latest] = group as [ListedConsent];
  const times = (pick: (consent: ListedConsent) => Date | undefined) =>
    group.flatMap((consent) => pick(consent)?.getTime() ?? []);
  const uses = times(({ grantId }) => used.get(grantId));
  return {
    ...described(latest),
    shared: group.flatMap(({ grantedScope }) => sharedKinds([grantedScope])),
    offline: group.some(({ grantedScope }) => grantedScope.split(' ').includes('offline_access')),
    since: new Date(Math.min(...times(({ decidedAt }) => decidedAt))),
    endsAt: new Date(Math.max(...times(({ expiresAt }) => expiresAt))),
    lastUsedAt: uses.length === 0 ? null : new Date(Math.max(...uses)),
    ended: null,
  };
}

function ended(consent: ListedConsent, used: ReadonlyMap<string, Date>): SharingFacts {
  const { withdrawnAt, withdrawnBy, expiresAt, decidedAt, grantId, grantedScope } = consent;
  return {
    ...described(consent),
    shared: sharedKinds([grantedScope]),
    offline: false,
    since: decidedAt,
    endsAt: expiresAt,
    lastUsedAt: used.get(grantId) ?? null,
    ended: withdrawnAt === null ? null : { at: withdrawnAt, why: ends[withdrawnBy ?? ''] ?? 'app-ended' },
  };
}

function described({ id, app }: ListedConsent) {
  return {
    consentId: id,
    appName: app.name,
    organizationName: app.organization.legalName,
    websiteHost: new URL(app.websiteUrl).host,
    patientName: null,
    stopUrl: `/my/apps/${encodeURIComponent(app.id)}/stop`,
  };
}
