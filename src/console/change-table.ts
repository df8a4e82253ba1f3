import type { ChangeRow } from '../registry/changes.ts';
import type { Visit } from './visit.ts';

/** Recorded changes of vendor, subprocessor, module or data flow, and what they stop. */
export const changeTable = ({ words }: Visit, changes: readonly ChangeRow[]) =>
  words.table(
    ['change', 'stopped-scopes', 'recorded', 'cleared'],
    changes.map(({ kind, description, affectedScopes, recordedAt, clearedAt }) => [
      { text: words.t(`console.change.${kind}`), quiet: description },
      affectedScopes.map((text) => ({ text, literal: true })),
      { text: words.day(recordedAt) },
      clearedAt === null
        ? { text: words.t('console.change.open'), look: 'off' }
        : { text: words.day(clearedAt) },
    ]),
  );
