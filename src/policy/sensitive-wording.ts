// Which security labels (DS4P) entries of a sensitive category may carry, for those who want to know.
import type { WordingKey } from '../smart/resource-types.ts';
import { SENSITIVE_CODES, type Sensitivity } from './sensitivity.ts';

const EVERY = Object.keys(SENSITIVE_CODES) as (keyof typeof SENSITIVE_CODES)[];

const MAY_HOLD: Partial<Record<WordingKey, readonly Sensitivity[]>> = {
  everything: [...EVERY, 'restricted', 'very_restricted'],
  DocumentReference: EVERY,
  Media: ['sexual_health', 'violence', 'protected_person'],
  QuestionnaireResponse: ['substance_use', 'behavioral_health', 'mental_health', 'sexual_health', 'violence'],
  'social-history': ['substance_use', 'sexual_health', 'violence'],
  survey: ['substance_use', 'behavioral_health', 'mental_health'],
  sdoh: ['violence', 'protected_person'],
  'health-concern': ['substance_use', 'mental_health', 'sexual_health', 'violence'],
  Observation: [
    ...(['substance_use', 'behavioral_health', 'mental_health', 'hiv', 'sexual_health', 'violence'] as const),
    ...(['genetic', 'protected_person'] as const),
  ],
  Condition: [
    ...(['substance_use', 'behavioral_health', 'mental_health', 'hiv', 'sexual_health', 'violence'] as const),
    'genetic',
  ],
};

const CONFIDENTIALITY = { restricted: ['R'], very_restricted: ['V'] } as const;

/** Codes of v3-ActCode and v3-Confidentiality; empty where nothing is set apart. */
export const labelsIn = (category: WordingKey): readonly string[] =>
  (MAY_HOLD[category] ?? []).flatMap((one) =>
    one === 'restricted' || one === 'very_restricted' ? CONFIDENTIALITY[one] : SENSITIVE_CODES[one],
  );
