import type { AppListed } from '../registry/app-records.ts';
import type { Cell } from './blocks.ts';
import type { Words } from './words.ts';

type States = Pick<
  AppListed,
  'environment' | 'reviewedAt' | 'suspendedAt' | 'offboardedAt' | 'quarantinedAt' | 'inReviewSince'
>;

/** In which state an app is, in a word. */
export function appTag(app: States, { t }: Words): Cell {
  const tag = (state: string, look: Cell['look']): Cell => ({ text: t(`console.state.${state}`), look });
  if (app.offboardedAt !== null) return tag('offboarded', 'off');
  if (app.suspendedAt !== null) return tag('suspended', 'off');
  const isLetIn = app.environment === 'sandbox' || app.reviewedAt !== null;
  if (isLetIn && app.quarantinedAt !== null) return tag('quarantined', 'off');
  if (app.environment === 'sandbox') return tag('in-sandbox', 'on');
  if (app.reviewedAt !== null) return tag('approved', 'on');
  return app.inReviewSince === null ? tag('not-approved', 'soon') : tag('in-review', 'soon');
}
