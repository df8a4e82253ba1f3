import { renderStaff } from '../staff/render.ts';
import { above } from './crumbs.ts';
import type { Visit } from './visit.ts';

interface Shown {
  /** `console.secret.<key>.title`, `.label` and `.text`. */
  readonly key: string;
  readonly secret: string;
  readonly nextUrl: string;
  readonly names: Readonly<Record<string, string>>;
}

/** The answer to the form that made it, so that it is in no address and shown this once. */
export function showSecret(
  kind: Parameters<typeof above>[0],
  visit: Visit,
  { key, secret, nextUrl, names }: Shown,
): undefined {
  const { t } = visit.words;
  const view = {
    ...{ title: t(`console.secret.${key}.title`, names), label: t(`console.secret.${key}.label`) },
    ...{ text: t(`console.secret.${key}.text`, names), secret, nextUrl },
  };
  renderStaff(visit.ctx, 'admin-secret', view, { crumbs: above(kind, visit) });
  return undefined;
}
