// The detectors of production over generated traffic: which attacks they find, and what they find that is none.
import { type Detector, judgeHour, type Measure, type Profile } from '../../src/policy/anomaly.ts';
import { ATTACKS, type Attack, type AttackKind, plantAttacks } from './anomaly-attacks.ts';
import { type GeneratedApp, generateApps, HOURS, type Hour, type Series } from './anomaly-traffic.ts';

export interface Found {
  readonly app: string;
  readonly where: Series['where'];
  readonly hour: number;
  readonly detector: Detector;
  readonly terms: string;
}

export interface Outcome {
  readonly attacks: readonly (Attack & { readonly found: Found | undefined })[];
  readonly falseFindings: readonly Found[];
  readonly apps: readonly string[];
}

const WEEKS_4 = 28 * 24;
/** A finding that is open is not opened again; an operator sees to it within a day. */
const OPEN_HOURS = 24;

export function evaluateSeed(seed: number, count = 40): Outcome {
  const apps = generateApps(seed, count);
  const attacks = plantAttacks(seed, apps, Math.max(1, Math.floor((count * 3) / 40)));
  const found = apps.flatMap((app) =>
    findingsOf(
      app,
      attacks.filter((attack) => attack.app === app.name),
    ),
  );
  // What an attack leaves behind is its own for a day.
  const isOf = ({ app, hour }: Found, attack: Attack) =>
    attack.app === app && hour >= attack.from && hour < attack.to + OPEN_HOURS;
  return {
    apps: apps.map(({ name }) => name),
    attacks: attacks.map((attack) => ({
      ...attack,
      found: found.find((one) => isOf(one, attack) && one.where === attack.where && one.hour < attack.to),
    })),
    falseFindings: found.filter((one) => !attacks.some((attack) => isOf(one, attack))),
  };
}

function findingsOf(app: GeneratedApp, attacks: readonly Attack[]): Found[] {
  // As in production: networks are of the app, wherever it shows itself.
  const networks = new Map<string, number>();
  const watched = [app.token, app.server].map((series) => ({
    ...{ series, kinds: new Set<string>(), openUntil: new Map<Detector, number>() },
    suspect: new Set<number>(),
  }));
  const found: Found[] = [];
  for (let hour = app.server.born; hour < HOURS; hour += 1) {
    for (const { series, kinds, openUntil, suspect } of watched) {
      const { hours, where } = series;
      const here = hours[hour] as Hour;
      const facts = {
        ...{ counts: here, replays: here.replays },
        newNetworks: [...here.networks].filter((network) => !networks.has(network)),
        newKinds: [...here.kinds].filter((kind) => !kinds.has(kind)),
      };
      const { finding, terms } = judgeHour(facts, profileAt(app, series, { hour, networks, suspect }));
      // An operator closes what was none within a day; of what was an attack the hour stays out of the past.
      for (const at of suspect)
        if (at === hour - OPEN_HOURS && !attacks.some(({ from, to }) => at >= from && at < to))
          suspect.delete(at);
      if (finding !== undefined) suspect.add(hour);
      for (const network of facts.newNetworks) networks.set(network, hour);
      for (const kind of here.kinds) kinds.add(kind);
      if (finding === undefined || hour < (openUntil.get(finding) ?? 0)) continue;
      openUntil.set(finding, hour + OPEN_HOURS);
      const words = terms.map((term) => `${term.detector} ${term.value}/${term.threshold} ${term.points}`);
      found.push({ app: app.name, where, hour, detector: finding, terms: words.join(', ') });
    }
  }
  return found;
}

interface At {
  readonly hour: number;
  readonly networks: ReadonlyMap<string, number>;
  readonly suspect: ReadonlySet<number>;
}

function profileAt(
  { reviews }: GeneratedApp,
  { born, hours }: Series,
  { hour, networks, suspect }: At,
): Profile {
  const reviewed = reviews.filter(({ at }) => at <= hour).at(-1);
  const isRecent = (at: number) => at > born + 24 && at > hour - WEEKS_4;
  return {
    ageHours: hour - born,
    past: (measure: Measure) => (ago: number) =>
      suspect.has(hour - ago) ? undefined : (hours[hour - ago]?.[measure] ?? 0),
    networks: { known: networks.size, recent: [...networks.values()].filter(isRecent).length },
    reviewedHoursAgo: reviewed === undefined ? null : hour - reviewed.at,
    reviewedTypes: reviewed?.types ?? [],
  };
}

export interface Row {
  readonly planted: number;
  readonly found: number;
  readonly namedSo: number;
}

export interface Summary {
  readonly recall: number;
  readonly falsePerApp: number;
  /** The most of any app, and the share of apps that have none or one. */
  readonly falseMost: number;
  readonly oneAtMost: number;
  readonly byKind: Readonly<Record<AttackKind, Row>>;
  readonly falseByDetector: Readonly<Record<string, number>>;
}

export function summarize(outcomes: readonly Outcome[]): Summary {
  const attacks = outcomes.flatMap((outcome) => outcome.attacks);
  const falses = outcomes.flatMap(({ falseFindings }) => falseFindings);
  const apps = outcomes.reduce((sum, outcome) => sum + outcome.apps.length, 0);
  const row = (kind: AttackKind): Row => {
    const planted = attacks.filter((attack) => attack.kind === kind);
    const found = planted.flatMap((attack) => attack.found ?? []);
    return {
      planted: planted.length,
      found: found.length,
      namedSo: found.filter(({ detector }) => detector === kind).length,
    };
  };
  const perApp = outcomes.flatMap(({ falseFindings, apps: names }) =>
    names.map((name) => falseFindings.filter(({ app }) => app === name).length),
  );
  const detectors = [...new Set(falses.map(({ detector }) => detector))].sort();
  return {
    recall: attacks.filter(({ found }) => found !== undefined).length / attacks.length,
    falsePerApp: falses.length / apps,
    falseMost: Math.max(...perApp),
    oneAtMost: perApp.filter((count) => count <= 1).length / apps,
    byKind: Object.fromEntries(ATTACKS.map((kind) => [kind, row(kind)])) as Record<AttackKind, Row>,
    falseByDetector: Object.fromEntries(
      detectors.map((name) => [name, falses.filter(({ detector }) => detector === name).length]),
    ),
  };
}
