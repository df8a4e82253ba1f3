import type { Context } from 'koa';
import { isPurpose } from '../policy/purpose-of-use.ts';
import { requireActor } from '../staff/guard.ts';
import type { DeveloperDeps } from './deps.ts';
import { type Draft, kindIn, scopesIn } from './revision-draft.ts';

/** The consent page that a patient would see; null for apps that ask no patient. */
export function previewOf(deps: DeveloperDeps, ctx: Context, draft: Draft): object | null {
  if (kindIn(draft) !== 'interactive') return null;
  const purpose = draft.getAll('purposes').find(isPurpose);
  const text = (name: string) => draft.get(name)?.trim() ?? '';
  const days = Number(text('maxConsentDays'));
  const t = deps.pages.translate(ctx);
  return deps.consentPreview(
    {
      name: text('name') || t('developer.preview.no-name'),
      organizationName: requireActor(ctx).organizationName,
      operatorName: deps.operatorName,
      websiteUrl: text('websiteUrl'),
      policyUrl: text('policyUrl') || null,
      purposeStatement: text('purposeStatement') || t('developer.preview.no-statement'),
      purpose: purpose ?? 'PATRQT',
      scopes: scopesIn(draft),
      maxConsentDays: Number.isInteger(days) && days > 0 ? days : 0,
      now: new Date(),
    },
    t,
    deps.pages.localeOf(ctx),
  );
}
