// Whether an hour of an app at a resource server is out of the ordinary: a sum of named terms, each with its figure and its
// threshold, so that anybody can do it again by hand. The hour may still be running: its figures only grow.
import { activeShare, habitShare, type Past, usualOf } from './anomaly-baseline.ts';

/** What is counted in an hour. */
export const MEASURES = ['requests', 'resources', 'patients', 'refusals', 'places'] as const;
export type Measure = (typeof MEASURES)[number];

export interface HourFacts {
  /** `places`: networks from which its credentials were used. */
  readonly counts: Readonly<Record<Measure, number>>;
  /** Assertions, codes and refresh tokens that came a second time. */
  readonly replays: number;
  /** Networks of its credentials, and `Observation.search` ..., that were never seen of it before. */
  readonly newNetworks: readonly string[];
  readonly newKinds: readonly string[];
}

export interface Profile {
  /** Since it was first seen. */
  readonly ageHours: number;
  past(measure: Measure): Past;
  /** How many networks were ever seen, and how many of them are new in the last four weeks. */
  readonly networks: { readonly known: number; readonly recent: number };
  /** Since its last review; a revision brings new kinds of requests. */
  readonly reviewedHoursAgo: number | null;
  /** Resource types that it let in by name; none: whatever the app asks for now may be of it. */
  readonly reviewedTypes?: readonly string[];
}

export const DETECTORS = [
  'volume',
  'off_hours',
  'new_network',
  'new_kinds',
  'many_patients',
  'refusals',
  'replays',
  'shared_credential',
] as const;
export type Detector = (typeof DETECTORS)[number];

export interface Term {
  readonly detector: Detector;
  /** What it is a figure of. */
  readonly figure: Measure | 'replays' | 'new_networks' | 'new_kinds';
  readonly value: number;
  readonly threshold: number;
  readonly points: number;
}

export interface Judgement {
  /** The greatest first. */
  readonly terms: readonly Term[];
  readonly score: number;
  /** Of the term with the most points, where the score reaches the limit. */
  readonly finding: Detector | undefined;
}

/** From where on it is a finding. */
export const SCORE_LIMIT = 100;
/** Younger ones have no habits: only what is wrong in itself counts. */
export const LEARNING_HOURS = 14 * 24;

const TOLERANCES = {
  requests: { floor: 120, spreads: 5 },
  resources: { floor: 600, spreads: 5 },
  patients: { floor: 25, spreads: 5 },
  refusals: { floor: 25, spreads: 6 },
  places: { floor: 3, spreads: 4 },
} as const satisfies Record<Measure, { readonly floor: number; readonly spreads: number }>;

const QUIET_REQUESTS = 40;
/** Of the hours around it. */
const QUIET_SHARE = 0.1;
const NETWORKS_MAX = 12;
const ROAMING = 3;
const REVIEW_HOURS = 14 * 24;
const READ_POINTS = 50;
const OTHER_POINTS = 60;
const EXPECTED_SHARE = 0.5;
/** Of the requests of the hour: busy apps are refused more. */
const REFUSED_SHARE = 0.1;
const REPLAY_POINTS = 50;
const READS = /\.(read|vread|search|history)$/;

type Rule = (facts: HourFacts, profile: Profile) => Term | undefined;

const isLearned = ({ ageHours }: Profile) => ageHours >= LEARNING_HOURS;

const POINTS_MOST = 150;
/** 60 at the limit, 120 at twice the limit, 150 from 2.8 times on. */
const beyond = (value: number, limit: number) =>
  Math.min(POINTS_MOST, Math.round(60 + 60 * Math.log2(value / limit)));

const above =
  (detector: Detector, measures: readonly Measure[]): Rule =>
  ({ counts }, profile) => {
    const terms = measures.flatMap((figure) => {
      const value = counts[figure];
      if (value < TOLERANCES[figure].floor) return [];
      const known = usualOf(profile.past(figure), profile.ageHours, TOLERANCES[figure]);
      const limit =
        figure === 'refusals' ? Math.max(known.limit, REFUSED_SHARE * counts.requests) : known.limit;
      if (value < limit) return [];
      return [{ detector, figure, value, threshold: Math.round(limit), points: beyond(value, limit) }];
    });
    return terms.sort(byPoints)[0];
  };

const whenLearned =
  (rule: Rule): Rule =>
  (facts, profile) =>
    isLearned(profile) ? rule(facts, profile) : undefined;

const offHours: Rule = ({ counts }, profile) => {
  const value = counts.requests;
  if (value < QUIET_REQUESTS) return undefined;
  const { ageHours } = profile;
  const past = profile.past('requests');
  if (activeShare(past, ageHours) > QUIET_SHARE || habitShare(past, ageHours, value) > 0) return undefined;
  return { detector: 'off_hours', figure: 'requests', value, threshold: QUIET_REQUESTS, points: 100 };
};

const newNetwork: Rule = ({ newNetworks }, { networks, ageHours }) => {
  const value = newNetworks.length;
  if (value === 0 || ageHours < LEARNING_HOURS) return undefined;
  // Who comes from everywhere, or moves all the time, or was never seen, is not known by where it comes from.
  if (networks.known === 0 || networks.known > NETWORKS_MAX || networks.recent >= ROAMING) return undefined;
  return { detector: 'new_network', figure: 'new_networks', value, threshold: 1, points: 100 };
};

const newKinds: Rule = ({ newKinds: kinds }, { reviewedHoursAgo, reviewedTypes = [] }) => {
  if (kinds.length === 0) return undefined;
  const isReviewed = reviewedHoursAgo !== null && reviewedHoursAgo < REVIEW_HOURS;
  const isExpected = (kind: string) =>
    isReviewed && (reviewedTypes.length === 0 || reviewedTypes.includes(kind.split('.', 1)[0] ?? ''));
  const pointsOf = (kind: string) =>
    (READS.test(kind) ? READ_POINTS : OTHER_POINTS) * (isExpected(kind) ? EXPECTED_SHARE : 1);
  const points = Math.round(kinds.reduce((sum, kind) => sum + pointsOf(kind), 0));
  const term = { detector: 'new_kinds', figure: 'new_kinds', value: kinds.length, threshold: 1 } as const;
  return { ...term, points: Math.min(POINTS_MOST, points) };
};

const replays: Rule = ({ replays: value }) =>
  value === 0
    ? undefined
    : {
        ...{ detector: 'replays', figure: 'replays', value, threshold: 1 },
        points: Math.min(POINTS_MOST, value * REPLAY_POINTS),
      };

const RULES: readonly Rule[] = [
  whenLearned(above('volume', ['requests', 'resources'])),
  whenLearned(offHours),
  newNetwork,
  whenLearned(newKinds),
  whenLearned(above('many_patients', ['patients'])),
  above('refusals', ['refusals']),
  replays,
  above('shared_credential', ['places']),
];

/** More requests are mostly about more patients: of the two the lesser term counts a quarter. */
const ONE_CAUSE: readonly Detector[] = ['volume', 'many_patients'];

function weighed(terms: readonly Term[]): Term[] {
  const lesser = terms.filter(({ detector }) => ONE_CAUSE.includes(detector))[1];
  return terms.map((term) => (term === lesser ? { ...term, points: Math.round(term.points / 4) } : term));
}

const byPoints = (a: Term, b: Term) => b.points - a.points;

export function judgeHour(facts: HourFacts, profile: Profile): Judgement {
  const found = RULES.flatMap((rule) => rule(facts, profile) ?? []).sort(byPoints);
  const terms = weighed(found).sort(byPoints);
  const score = terms.reduce((sum, { points }) => sum + points, 0);
  return { terms, score, finding: score >= SCORE_LIMIT ? terms[0]?.detector : undefined };
}
