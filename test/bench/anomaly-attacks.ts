// What somebody does with credentials of an app who should not have them, planted into innocent traffic.
import { counted } from './anomaly-persons.ts';
import { type Random, randomOf } from './anomaly-random.ts';
import type { GeneratedApp, Hour, Series } from './anomaly-traffic.ts';
import { HOURS, TYPES } from './anomaly-traffic.ts';

export const ATTACKS = [
  'volume',
  'off_hours',
  'new_network',
  'new_kinds',
  'many_patients',
  'refusals',
  'replays',
  'shared_credential',
] as const;
export type AttackKind = (typeof ATTACKS)[number];

export interface Attack {
  readonly kind: AttackKind;
  readonly app: string;
  readonly where: Series['where'];
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** Three weeks after an app came, or later. */
const SINCE = 21 * 24;

type Plant = (random: Random, app: GeneratedApp, hours: readonly Hour[]) => void;

const most = (hours: readonly Hour[], of: 'requests' | 'patients' | 'refusals') =>
  Math.max(0, ...hours.map((hour) => hour[of]));

const ask = (hour: Hour, requests: number, patients: number) => {
  hour.requests += requests;
  hour.resources += requests * 3;
  hour.patients += Math.min(requests, patients);
};

const PLANTS: Readonly<Record<AttackKind, Plant>> = {
  // Five to twelve times as much as usual, 400 more at least.
  volume: (random, _, hours) => {
    for (const hour of hours) {
      const more = Math.max(400, hour.requests * random.between(4, 11));
      ask(hour, random.count(more), random.count(hour.patients * 0.3));
    }
  },
  // Some at an hour at which nobody works.
  off_hours: (random, _, hours) => {
    for (const hour of hours) ask(hour, random.count(random.between(45, 110)), random.count(8));
  },
  // A stolen key, used with care from elsewhere, within the usual volume.
  new_network: (random, _, hours) => {
    for (const hour of hours) {
      ask(hour, random.count(Math.max(5, hour.requests * random.between(0.02, 0.2))), 2);
      hour.networks.add('elsewhere');
    }
  },
  // Looking around for what else can be read.
  new_kinds: (random, _, hours) => {
    const unknown = [...TYPES].sort(() => random.next() - 0.5).slice(0, random.whole(5, 9));
    for (const hour of hours) {
      ask(hour, random.count(random.between(10, 60)), 3);
      for (const type of unknown) hour.kinds.add(`${type}.${random.chance(0.2) ? 'create' : 'search'}`);
    }
  },
  // One request a patient, record after record: five to twelve times as many patients, 80 more at least.
  many_patients: (random, _, hours) => {
    for (const hour of hours) {
      const more = random.count(Math.max(80, hour.patients * random.between(4, 11)));
      ask(hour, more, more);
    }
  },
  // Trying doors, with its own tokens or those of twenty to 200 people.
  refusals: (random, { serves }, hours) => {
    const persons = serves === 'itself' ? undefined : random.whole(20, 200);
    for (const hour of hours) {
      const times = random.count(Math.max(60, hour.requests * 0.2) * random.between(1, 4));
      hour.refusals += counted(random, 'refusals', times, persons);
    }
  },
  // Assertions, or codes and refresh tokens of as many people.
  replays: (random, _, hours) => {
    for (const hour of hours.slice(0, 1)) hour.replays += random.whole(2, 6);
  },
  // A credential that was passed around.
  shared_credential: (random, _, hours) => {
    for (const hour of hours) {
      const places = random.whole(8, 30);
      for (let at = 0; at < places; at += 1) hour.networks.add(`place-${random.whole(1, 400)}`);
      hour.places = hour.networks.size;
    }
  },
};

const AT_TOKEN: readonly AttackKind[] = ['replays', 'shared_credential'];

/** One at most of an app, so that each is found for itself; some apps have none. */
export function plantAttacks(seed: number, apps: readonly GeneratedApp[], each = 3): Attack[] {
  const random = randomOf(seed + 1_000_003);
  const free = [...apps];
  const attacks: Attack[] = [];
  for (let round = 0; round < each; round += 1) {
    for (const kind of ATTACKS) {
      const fitting = free.filter(({ rhythm }) => kind !== 'off_hours' || rhythm === 'office');
      if (fitting.length === 0) continue;
      const app = random.pick(fitting);
      free.splice(free.indexOf(app), 1);
      attacks.push(plant(random, app, kind));
    }
  }
  return attacks;
}

function plant(random: Random, app: GeneratedApp, kind: AttackKind): Attack {
  const where = AT_TOKEN.includes(kind)
    ? 'token'
    : random.chance(0.3) && kind === 'refusals'
      ? 'token'
      : 'server';
  const series = app[where];
  const length = random.whole(1, 3);
  let from: number;
  do from = random.whole(series.born + SINCE, HOURS - 6);
  while (kind === 'off_hours' ? !isNight(series, from, length) : false);
  PLANTS[kind](random, app, series.hours.slice(from, from + length));
  return { kind, app: app.name, where, from, to: from + length };
}

/** Nobody was at work. */
const isNight = ({ hours }: Series, from: number, length: number) =>
  from % 24 >= 21 || from % 24 <= 4 ? most(hours.slice(from, from + length), 'requests') === 0 : false;
