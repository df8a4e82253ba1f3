import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Diagnosis } from '../audit-diagnosis.ts';
import type { Reason } from '../errors.ts';
import type { App } from '../store/apps.ts';
import { presentedMethod } from './presented-client.ts';
import { shownList, shownPlace, shownScopes, shownWord } from './shown.ts';

/** Which of our own rules refused, and what it compared. */
export function diagnosePolicy(ctx: KoaContextWithOIDC, app: App, reason: Reason): Diagnosis {
  const compared = comparisons.find(([reasons]) => reasons.includes(reason))?.[1](ctx, app) ?? {};
  const known = Object.entries(compared).filter(([, value]) => value !== undefined && value !== '');
  return { code: reason, ...Object.fromEntries(known) };
}

type Compared = { readonly expected?: string | undefined; readonly got?: string | undefined };

const asked = ({ oidc }: KoaContextWithOIDC, name: string): unknown =>
  oidc.params?.[name] ?? oidc.body?.[name];

const isForeign = ({ audiences }: App, url: unknown) => url !== undefined && !audiences.includes(String(url));

const comparisons: readonly (readonly [
  readonly Reason[],
  (ctx: KoaContextWithOIDC, app: App) => Compared,
])[] = [
  [
    ['audience_missing', 'audience_unknown', 'audience_ambiguous'],
    (ctx, app) => ({
      expected: shownList(app.audiences),
      // `resource` may repeat aud, and must not contradict it.
      got: shownPlace(
        [asked(ctx, 'aud'), asked(ctx, 'resource')].find((url) => isForeign(app, url)),
        app.audiences,
      ),
    }),
  ],
  [
    ['purpose_unknown', 'purpose_emergency', 'purpose_not_registered', 'purpose_ambiguous'],
    (ctx, app) => ({ expected: shownList(app.purposes), got: shownWord(asked(ctx, 'purpose_of_use')) }),
  ],
  [
    ['scope_missing', 'scope_empty', 'scope_over_ceiling', 'scope_not_system', 'scope_unreadable'],
    (ctx, app) => ({ expected: shownScopes(app.scopeCeiling), got: shownScopes(asked(ctx, 'scope')) }),
  ],
  [['scopes_stopped'], (_ctx, app) => ({ got: shownScopes(app.stoppedScopes.join(' ')) })],
  [['break_glass_unknown', 'break_glass_closed'], (ctx) => ({ got: shownWord(asked(ctx, 'break_glass')) })],
  [['backend_without_key'], (ctx) => ({ expected: 'private_key_jwt', got: presentedMethod(ctx) })],
];
