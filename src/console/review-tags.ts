import type { ReviewRow } from '../registry/reviews.ts';
import type { Cell } from './blocks.ts';
import type { Words } from './words.ts';

export function outcomeTag({ outcome, closedAt }: ReviewRow, { t }: Words): Cell {
  if (closedAt === null) return { text: t('console.outcome.open'), look: 'soon' };
  return {
    text: t(`console.outcome.${outcome ?? 'superseded'}`),
    look: outcome === 'approved' ? 'on' : outcome === 'refused' ? 'off' : 'plain',
  };
}
