import type { Crumb } from '../staff/render.ts';
import { pathTo, type Visit } from './visit.ts';

type Kind =
  | 'reviews'
  | 'apps'
  | 'organizations'
  | 'people'
  | 'servers'
  | 'ehrs'
  | 'cut-offs'
  | 'campaigns'
  | 'findings'
  | 'policies'
  | 'offboardings'
  | 'break-glass';

/** Above the page of a record. */
export const above = (kind: Kind, { words: { t } }: Visit): Crumb[] => [
  { label: t(`console.nav.${kind}`), href: pathTo(kind) },
];

/** Above a form about a record. */
export const aboveForm = (kind: Kind, name: string, id: string, visit: Visit): Crumb[] => [
  ...above(kind, visit),
  { label: name, href: pathTo(kind, id) },
];
