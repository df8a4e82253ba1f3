import { daysAfter } from '../policy/days.ts';
import type { AppReach, ReachPart } from '../registry/app-reach.ts';
import type { AppRecord } from '../registry/app-records.ts';
import type { Section } from './blocks.ts';
import { barsOf, type Chart } from './chart.ts';
import { type Node, reachPicture } from './reach-picture.ts';
import type { Visit } from './visit.ts';

/** How many of one kind are drawn; the table tells all. */
const DRAWN = 7;

/** What stops when it stops: the app, its scopes, the FHIR servers, the patients. */
export function reachSection(
  { words }: Visit,
  app: AppRecord,
  { patients, scopes, servers }: AppReach,
): Section {
  const { t } = words;
  const people = (count: number) => t('overview.patients', { count });
  const name = (app.live ?? app.newest).name;
  const node = ({ name: text, patients: count }: ReachPart): Node => ({
    ...{ text, count: people(count), share: patients === 0 ? 0 : count / patients },
  });
  const drawn = (parts: readonly ReachPart[]): Node[] => {
    const shown = parts.slice(0, DRAWN).map(node);
    const rest = parts.slice(DRAWN);
    return rest.length === 0
      ? shown
      : [
          ...shown,
          {
            text: t('overview.reach.more', { count: rest.length }),
            count: people(rest[0]?.patients ?? 0),
            share: 0,
          },
        ];
  };
  const label = t('overview.reach.label', {
    ...{ app: name, patients: people(patients) },
    scopes: t('overview.scopes', { count: scopes.length }),
    servers: t('overview.servers', { count: servers.length }),
  });
  const about = { id: 'reach', title: t('overview.reach.title') };
  if (patients === 0) return { ...about, lead: t('overview.reach.none') };
  const picture = { app: name, scopes: drawn(scopes), servers: drawn(servers), patients: people(patients) };
  const row = (kind: string, part: ReachPart) => [
    { text: part.name, literal: kind === 'scope' },
    { text: t(`overview.reach.${kind}`) },
    { text: words.number(part.patients) },
  ];
  return {
    ...about,
    lead: t(app.standing === null ? 'overview.reach.now' : 'overview.reach.would'),
    reach: reachPicture(label, picture),
    details: {
      label: t('overview.reach.details'),
      table: words.table(
        ['reach-part', 'reach-kind', 'patients'],
        [...scopes.map((one) => row('scope', one)), ...servers.map((one) => row('server', one))],
      ),
    },
  };
}

/** Sixty days as two rows of bars, and as a table. */
export function useSection({ words }: Visit, { days }: AppReach, now: Date): Section {
  const { t } = words;
  const at = (daysAgo: number) => words.day(daysAfter(now, -daysAgo));
  const total = days.reduce((sum, { uses }) => sum + uses, 0);
  const about = { id: 'use', title: t('overview.use.title') };
  if (total === 0) return { ...about, lead: t('overview.use.none') };
  const chart = (look: Chart['look'], key: string, values: readonly number[]): Chart => ({
    ...{ look, label: t(`overview.use.${key}`), path: barsOf(values) },
    most: t('overview.use.most', { count: words.number(Math.max(...values)) }),
    ...{ from: at(days.length - 1), until: t('overview.use.today') },
  });
  const patients = days.map((day) => day.patients);
  return {
    ...{ ...about, lead: t('overview.use.lead', { count: words.number(total), days: days.length }) },
    charts: [
      chart(
        'first',
        'uses',
        days.map(({ uses }) => uses),
      ),
      ...(patients.some((count) => count > 0) ? [chart('second', 'patients', patients)] : []),
    ],
    details: {
      label: t('overview.use.details'),
      table: words.table(
        ['day', 'day-uses', 'patients'],
        days
          .filter(({ uses }) => uses > 0)
          .reverse()
          .map((day) => [
            { text: at(day.daysAgo) },
            { text: words.number(day.uses) },
            { text: words.number(day.patients) },
          ]),
      ),
    },
  };
}
