// What anomalies are called where operators say what should follow, and what a narrowing by one of them stops.
import type { Detector } from './anomaly.ts';

export type AnomalyRule = `anomaly_${Detector}`;

export const anomalyRule = (detector: Detector): AnomalyRule => `anomaly_${detector}`;

/** Of kinds of requests, `Observation.search`, all that opens their resource types. */
export function scopesOfKinds(kinds: readonly string[]): string {
  const types = kinds
    .map((kind) => kind.split('.', 1)[0] ?? '')
    .filter((type) => /^[A-Z][A-Za-z]{1,63}$/.test(type));
  const levels = ['patient', 'user', 'system'];
  return [...new Set(types)].flatMap((type) => levels.map((level) => `${level}/${type}.cruds`)).join(' ');
}
