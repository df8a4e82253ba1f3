import type { Context } from 'koa';
import type { AppRecord } from '../registry/app-records.ts';
import { shownRestrictions } from '../registry/restriction-commands.ts';
import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { type OpenApp, pathOf } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** Why it is held without a restriction of its own: who answers for its platform hears the reason. */
export const heldBy = (platform: AppRecord['platform'], { t, locale }: { t: Translate; locale: Locale }) =>
  (platform?.holds ?? []).map(({ kind, madeAt }) =>
    t(`platform.held.${kind}`, { platform: platform?.name ?? '', at: longInstant(madeAt, locale) }),
  );

/** What the app may not do now, who laid it and why, and what ends it. */
export async function restrictionsOf(
  { pages, registry }: DeveloperDeps,
  ctx: Context,
  { actor, app }: OpenApp,
) {
  const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
  const held = await shownRestrictions(registry, actor, { appId: app.id, liftedAt: null });
  return held.map(
    ({ kind, keyId, reason, scopes, madeAt, madeBy, madeByName, rule, findingId, ownerMayEnd }) => {
      const by = madeByName ?? (rule === null ? madeBy : t(`console.finding.kind.${rule}`));
      return {
        ...{ kind, label: t(`console.restriction.${kind}`), scopes: scopes.join(' '), reason },
        by: t('developer-restriction.by', { by, at: longInstant(madeAt, locale) }),
        end: ownerMayEnd
          ? {
              ...{
                text: t(`developer-confirm.needed${keyId === null ? '' : '-key'}`),
                label: t('developer-confirm.title'),
              },
              href: pathOf(app.id, 'confirm'),
            }
          : findingId === null
            ? { text: t('developer-restriction.ask') }
            : {
                ...{ text: t('developer-restriction.answer'), label: t('developer-findings.answer') },
                href: `/developer/findings/${findingId}`,
              },
      };
    },
  );
}
