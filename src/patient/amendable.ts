import type { Context } from 'koa';
import { type AmendmentLimits, mayLastLonger } from '../policy/amendment.ts';
import { scopeAgreed } from '../policy/contract-limits.ts';
import { decide } from '../policy/rules.ts';
import { sharedTogether } from '../policy/shared-together.ts';
import { standing } from '../policy/standing.ts';
import { underWatch } from '../policy/watch.ts';
import type { Account } from '../store/accounts.ts';
import { type AmendableConsent, amendableConsents } from '../store/amendable-consents.ts';
import { type App, findApp } from '../store/apps.ts';
import { sha256Hex } from '../store/hash.ts';
import { namesOf } from '../store/patients.ts';
import { findWatchFacts } from '../store/recoveries.ts';
import { PageError } from '../web/page-error.ts';
import type { ChangeDurationId, ChangePart } from './change-view.ts';
import { offeredDurations } from './consent-durations.ts';
import type { PatientDeps } from './deps.ts';

/** What a person may change now of what one app is given over one record, for one purpose, from one FHIR server. */
export interface Amendable {
  readonly person: Account;
  readonly about: { readonly appId: string; readonly patientId: string };
  readonly app: App;
  readonly consents: readonly AmendableConsent[];
  readonly limits: AmendmentLimits;
  /** After a recovery: nothing private may be added for a day. */
  readonly isWatched: boolean;
  readonly durations: readonly { readonly id: ChangeDurationId; readonly endsAt: Date }[];
  /** A form is good for these consents as they were, and for her: once. */
  readonly basis: string;
  readonly page: {
    readonly appName: string;
    readonly organizationName: string;
    readonly patientName: string | null;
    readonly actionUrl: string;
    readonly backUrl: string;
    readonly part: ChangePart;
  };
}

export async function amendable(deps: PatientDeps, ctx: Context, person: Account): Promise<Amendable> {
  const { store, sessions } = deps;
  const { appId, patientId = person.id } = ctx.params as { appId: string; patientId?: string };
  const about = { appId, patientId };
  const [app, standingNow, names, watch, isFresh] = await Promise.all([
    findApp(store, appId),
    amendableConsents(store, person.id, about),
    namesOf(store, [patientId]),
    findWatchFacts(store, person.id),
    sessions.isFresh(ctx),
  ]);
  const groups = sharedTogether(standingNow);
  const { of: asked } = ctx.query;
  const consents = asked === undefined ? groups[0] : groups.find((group) => idOf(group) === asked);
  if (app === undefined || consents === undefined) throw new PageError(404, 'not-found');
  const { now, contractLimits, stoppedScopes } = app;
  const scopeCeiling = scopeAgreed(app.scopeCeiling, contractLimits) ?? '';
  const mayGrow = decide(standing, app) === undefined;
  const isWatched = underWatch(watch, now);
  const maySensitive = isFresh && !isWatched;
  const limits = { mayGrow, scopeCeiling, stoppedScopes, maySensitive };
  const mayBeLater = mayGrow && consents.some(mayLastLonger);
  const until = new Date(Math.max(...consents.map((consent) => consent.until.getTime())));
  const offline = consents.some(({ scope }) => scope.split(' ').includes('offline_access'));
  const ends = offeredDurations({ ...app, offline })
    .map(({ id, endsAt }) => ({ id: id === 'once' ? 'keep' : id, endsAt }) as const)
    .filter(({ id, endsAt }) => id !== 'keep' && isAnother(endsAt, until) && (mayBeLater || endsAt < until));
  const marks = consents.map(({ grantId, after }) => [grantId, after]);
  const urlOf = (group: typeof consents) => (groups.length < 2 ? ctx.path : `${ctx.path}?of=${idOf(group)}`);
  const others = groups.filter((group) => group !== consents);
  return {
    ...{ person, about, app, consents, limits, isWatched },
    durations: [{ id: 'keep', endsAt: until }, ...ends],
    basis: sha256Hex(JSON.stringify([person.id, appId, patientId, idOf(consents), marks])),
    page: {
      ...{ appName: app.name, organizationName: app.organizationName },
      patientName: patientId === person.id ? null : (names.get(patientId) ?? ''),
      ...{ actionUrl: urlOf(consents), backUrl: '/my' },
      part: {
        ...forWhat(consents),
        others: others.map((group) => ({ ...forWhat(group), url: urlOf(group) })),
      },
    },
  };
}

type Together = readonly AmendableConsent[];

const forWhat = ([consent]: Together) => ({
  purpose: consent?.purpose ?? '',
  audience: consent?.audience ?? '',
});

/** In the address of its page. */
const idOf = (group: Together) => sha256Hex(JSON.stringify(forWhat(group))).slice(0, 16);

const DAY_MS = 86_400_000;

/** Another day: nobody sees a difference of hours. */
const isAnother = (end: Date, until: Date) => Math.abs(end.getTime() - until.getTime()) > DAY_MS;
