import { type Reason, refusals } from '../errors.ts';
import type { Fault } from '../registry/refusal.ts';
import { faultText } from '../staff/fault-words.ts';
import type { Translate } from '../web/messages.ts';

export interface FaultAnswer extends Fault {
  readonly text: string;
}

export interface RefusedAnswer {
  readonly error: string;
  readonly error_description: string;
  readonly faults?: readonly FaultAnswer[];
}

/** Machines are answered in English, whatever language their people speak. */
export const faultAnswers = (t: Translate, faults: readonly Fault[]): FaultAnswer[] =>
  faults.map((fault) => ({ ...fault, text: faultText(fault, t) }));

/** What a refused request is told: all that is wrong with it, at once. */
export function refusedAnswer(t: Translate, reason: Reason, faults: readonly Fault[] = []): RefusedAnswer {
  const { error, text: error_description } = refusals[reason];
  return { error, error_description, ...(faults.length > 0 && { faults: faultAnswers(t, faults) }) };
}
