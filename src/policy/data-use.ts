import type { Fault } from './faults.ts';

/** What an app does with data once it has it: the questions of a review, and the answers that may be chosen. */
export const DATA_USE_ANSWERS = {
  /** Who pays for the app. */
  funding: ['people', 'health_care', 'employer', 'research_grant', 'advertising', 'data_sale', 'other'],
  /** Who else receives data. */
  sharing: ['nobody', 'subprocessors', 'when_asked', 'research_partners', 'sold', 'other'],
  /** What happens to it when somebody asks for its end. */
  deletion: ['everything', 'except_required_by_law', 'de_identified_stays', 'nothing'],
  /** How long it is kept otherwise. */
  retention: ['while_connected', 'one_year', 'required_by_law', 'without_end'],
  /** Whether AI works with it or learns from it. */
  ai: ['none', 'answers_only', 'learns_de_identified', 'learns', 'learns_elsewhere'],
} as const;

export type DataUseQuestion = keyof typeof DATA_USE_ANSWERS;

export const DATA_USE_QUESTIONS = Object.keys(DATA_USE_ANSWERS) as readonly DataUseQuestion[];

export interface DataUseAnswer {
  readonly answer: string;
  readonly explanation: string | null;
}

/** null: not answered yet. */
export type DataUse = { readonly [Question in DataUseQuestion]: DataUseAnswer | null };

/** As it is kept, what it is silent about included. */
export const wholeDataUse = (kept: Partial<DataUse>): DataUse => ({
  ...{ funding: null, sharing: null, deletion: null, retention: null, ai: null },
  ...kept,
});

/** Answers that say nothing, or much, by themselves. */
const TO_EXPLAIN: Readonly<Record<DataUseQuestion, readonly string[]>> = {
  funding: ['advertising', 'data_sale', 'other'],
  sharing: ['when_asked', 'research_partners', 'sold', 'other'],
  deletion: ['except_required_by_law', 'de_identified_stays', 'nothing'],
  retention: ['required_by_law', 'without_end'],
  ai: ['learns_de_identified', 'learns', 'learns_elsewhere'],
};

export const needsExplanation = (question: DataUseQuestion, answer: string): boolean =>
  TO_EXPLAIN[question].includes(answer);

/** What is still missing before a review; a draft may be silent. */
export function openDataUse(dataUse: DataUse): Fault[] {
  return DATA_USE_QUESTIONS.flatMap((question): Fault[] => {
    const given = dataUse[question];
    if (given === null) return [{ field: `dataUse.${question}.answer`, code: 'required' }];
    return needsExplanation(question, given.answer) && given.explanation === null
      ? [{ field: `dataUse.${question}.explanation`, code: 'explanation_required' }]
      : [];
  });
}
