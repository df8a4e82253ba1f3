import type { Context } from 'koa';
import { isPurpose } from '../policy/purpose-of-use.ts';
import { requireActor } from '../staff/guard.ts';
import { logoUrlOf } from '../web/logo-url.ts';
import type { DeveloperDeps } from './deps.ts';
import { type Draft, kindIn, scopesIn } from './revision-draft.ts';

/** The picture that a draft names, as far as it could be one that we keep. */
export function logoIn(draft: Draft): { readonly id: string; readonly url: string | null } {
  const id = draft.get('logoId') ?? '';
  return { id, url: /^[0-9a-f]{64}$/.test(id) ? logoUrlOf(id) : null };
}

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
      logoId: logoIn(draft).url === null ? null : logoIn(draft).id,
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
