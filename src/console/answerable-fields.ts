import { type Field, textIn } from '../staff/fields.ts';
import type { Visit } from './visit.ts';

/** Who answers for a server or an EHR: by the ids that stand on their pages, as there are too many to choose from. */
export const answerableFields = ({ words: { field } }: Visit): Field[] => [
  field('text', 'organizationId', { hint: true, optional: true, literal: true }),
  field('text', 'ownerId', { hint: true, optional: true, literal: true }),
];

export const answerableIn = (values: URLSearchParams) => ({
  organizationId: textIn(values, 'organizationId') ?? null,
  ownerId: textIn(values, 'ownerId') ?? null,
});
