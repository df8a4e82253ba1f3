import { labelsIn } from '../policy/sensitive-wording.ts';
import type { ConsentChoice } from '../smart/consent-choices.ts';
import type { WordingKey } from '../smart/resource-types.ts';
import type { Translate } from '../web/messages.ts';

export interface PreviousConsent {
  agreedAt: Date;
  choiceIds: ReadonlySet<string>;
}

export interface ChoiceCard {
  id: string;
  name: string;
  what: string;
  /** Printed under the card: shared since, wider than it seems, only some entries. */
  notes: readonly string[];
  checked: boolean;
  /** Security labels that its entries may carry; null: none that set anything apart. */
  labels: string | null;
  /** A covering choice, which "Choose all" leaves alone. */
  broad: boolean;
}

export interface ChoiceSection {
  id: 'view' | 'view-sensitive' | 'change' | 'change-sensitive';
  heading: string;
  hint: string;
  /** A script may offer to tick the whole section. */
  chooseAll: boolean;
  cards: readonly ChoiceCard[];
}

interface Facts {
  choices: readonly ConsentChoice[];
  previous: PreviousConsent | null;
  chosen: ReadonlySet<string> | undefined;
  /** How many entries there are, where the FHIR server told. */
  counts?: ReadonlyMap<string, number> | undefined;
}

const sections = [
  { id: 'view', access: 'view', sensitive: false },
  { id: 'view-sensitive', access: 'view', sensitive: true },
  { id: 'change', access: 'change', sensitive: false },
  { id: 'change-sensitive', access: 'change', sensitive: true },
] as const;

/** To view and to change never stand in one section, nor do sensitive kinds among the others. */
export function choiceSections(facts: Facts, t: Translate, date: (value: Date) => string): ChoiceSection[] {
  return sections.flatMap(({ id, access, sensitive }) => {
    const cards = facts.choices
      .filter((choice) => choice.access === access && choice.sensitive === sensitive)
      .map((choice) => card(choice, facts, t, date));
    if (cards.length === 0) return [];
    const chooseAll = !sensitive && cards.filter(({ broad }) => !broad).length > 1;
    return [{ id, heading: t(`consent.${id}.heading`), hint: t(`consent.${id}.hint`), chooseAll, cards }];
  });
}

function card(choice: ConsentChoice, facts: Facts, t: Translate, date: (value: Date) => string): ChoiceCard {
  const { id, category, broad, detail, level, sensitive } = choice;
  const since = facts.previous?.choiceIds.has(id) ? facts.previous.agreedAt : null;
  const notes = [
    broad ? t('consent.note.broad') : null,
    countOf(facts.counts?.get(id), t),
    detail === undefined ? null : t('consent.note.detail', { detail }),
    level === 'user' ? t('consent.note.user') : null,
    since
      ? t(sensitive ? 'consent.note.since-sensitive' : 'consent.note.since', { date: date(since) })
      : null,
  ];
  return {
    id,
    name:
      broad && category !== 'everything'
        ? t('consent.broad', { name: t(`scope.${category}.name`) })
        : t(`scope.${category}.name`),
    what: t(`scope.${category}.what`),
    notes: notes.filter((note) => note !== null),
    labels: labelsOf(category, t),
    // What is sensitive is ticked by hand each time, even when it was shared before.
    checked: facts.chosen ? facts.chosen.has(id) : since !== null && !sensitive,
    broad,
  };
}

function countOf(count: number | undefined, t: Translate): string | null {
  if (count === undefined) return null;
  return count === 0 ? t('consent.count.none') : t('consent.count', { count });
}

function labelsOf(category: WordingKey, t: Translate): string | null {
  const labels = labelsIn(category);
  if (labels.length === 0) return null;
  const key = category === 'everything' ? 'consent.labels.everything' : 'consent.labels.other';
  return t(key, { labels: labels.join(', ') });
}
