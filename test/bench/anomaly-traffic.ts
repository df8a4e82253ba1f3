// Ninety days of use of apps, by hours, as a seed has it: weekly rhythm, growth, holidays, noise, jobs, releases, moves,
// outages and bugs. All of it is innocent; anomaly-attacks.ts plants the rest.
import { counted, personsOf, type Served } from './anomaly-persons.ts';
import { type Random, randomOf } from './anomaly-random.ts';

export const DAYS = 90;
export const HOURS = DAYS * 24;

export interface Hour {
  requests: number;
  resources: number;
  patients: number;
  refusals: number;
  places: number;
  replays: number;
  readonly networks: Set<string>;
  readonly kinds: Set<string>;
}

/** What an app does at a resource server, or at our token endpoint. */
export interface Series {
  readonly name: string;
  readonly where: 'server' | 'token';
  readonly born: number;
  readonly hours: Hour[];
}

export interface Review {
  readonly at: number;
  /** Resource types that it let in by name. */
  readonly types: readonly string[];
}

export interface GeneratedApp {
  readonly name: string;
  readonly rhythm: Rhythm;
  readonly server: Series;
  readonly token: Series;
  /** Whose tokens it holds. */
  readonly serves: Served;
  readonly reviews: Review[];
  /** How many requests an hour it makes when it is busy. */
  readonly size: number;
}

const RHYTHMS = ['office', 'office', 'people', 'people', 'nightly', 'steady', 'monthly'] as const;
export type Rhythm = (typeof RHYTHMS)[number];
const SERVES: Readonly<Record<Rhythm, Served>> = {
  ...{ people: 'patients', office: 'staff', monthly: 'staff' },
  ...{ nightly: 'itself', steady: 'itself' },
};

export const TYPES =
  'Patient Observation Condition MedicationRequest AllergyIntolerance Encounter Procedure Immunization DiagnosticReport DocumentReference CarePlan Goal Device Coverage ServiceRequest Specimen RelatedPerson FamilyMemberHistory Provenance Appointment'.split(
    ' ',
  );
const PEOPLE = [2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 9, 9, 10, 9, 8, 8, 9, 11, 13, 14, 14, 12, 8, 4].map(
  (n) => n / 14,
);
const HOLIDAYS = [17, 44, 71];

const emptyHour = (): Hour => ({
  ...{ requests: 0, resources: 0, patients: 0, refusals: 0, places: 0, replays: 0 },
  ...{ networks: new Set(), kinds: new Set() },
});
const series = (name: string, where: Series['where'], born: number): Series => ({
  ...{ name, where, born },
  hours: Array.from({ length: HOURS }, emptyHour),
});

/** The share of its size that an app has in an hour, without noise. */
function shareAt(rhythm: Rhythm, hour: number, jobAt: number): number {
  const [day, ofDay] = [Math.floor(hour / 24), hour % 24];
  const isWeekend = day % 7 >= 5;
  const isHoliday = HOLIDAYS.includes(day);
  if (rhythm === 'people') return (PEOPLE[ofDay] ?? 0) * (isWeekend ? 1.15 : 1) * (isHoliday ? 1.2 : 1);
  if (rhythm === 'steady') return isWeekend ? 0.8 : 1;
  if (rhythm === 'nightly') return ofDay === jobAt ? 1 : ofDay === (jobAt + 1) % 24 ? 0.4 : 0.01;
  const worksDay = !isWeekend && !isHoliday;
  const afterHoliday = HOLIDAYS.includes(day - 1) ? 1.3 : 1;
  const office = worksDay && ofDay >= 8 && ofDay < 18 ? (ofDay === 12 ? 0.7 : 1) * afterHoliday : 0;
  if (rhythm === 'monthly' && day % 30 === 2 && ofDay === jobAt) return 4;
  return office;
}

export function generateApps(seed: number, apps: number): GeneratedApp[] {
  const random = randomOf(seed);
  return Array.from({ length: apps }, (_, at) =>
    generateApp(random, `app-${at + 1}`, RHYTHMS[at % RHYTHMS.length] as Rhythm),
  );
}

function generateApp(random: Random, name: string, rhythm: Rhythm): GeneratedApp {
  const born = random.chance(0.2) ? random.whole(1, 25) * 24 : 0;
  const size = 10 ** random.between(1.3, 3.6);
  const serves = SERVES[rhythm];
  const app = {
    ...{ name, rhythm, size, serves, reviews: [] as Review[] },
    server: series(name, 'server', born),
    token: series(name, 'token', born),
  };
  const jobAt = random.whole(0, 4);
  const growth = random.between(-0.02, 0.06);
  const noise = random.between(0.1, 0.35);
  const perPatient = random.between(2, 12);
  const perRequest = random.between(1, 8);
  const failing = random.between(0.001, 0.02);
  // A campaign brings more people, for good or for some days.
  const campaign = rhythm === 'people' && random.chance(0.2) ? random.whole(30, 80) : Number.NaN;
  const gain = random.between(1.3, 1.9);
  const common = [...TYPES].sort(() => random.next() - 0.5).slice(0, random.whole(3, 9));
  const kinds = common.flatMap((type) =>
    random.chance(0.5) ? [`${type}.search`] : [`${type}.read`, `${type}.search`],
  );
  const rare = common.slice(0, 2).map((type) => `${type}.history`);
  const release = random.whole(20, 85) * 24 + random.whole(8, 16);
  const types = TYPES.filter((type) => !common.includes(type)).slice(0, random.whole(1, 3));
  const released = types.map((type) => `${type}.search`);
  // Where scopes are wildcards, or it may have the types already, a review names none.
  if (random.chance(0.7))
    app.reviews.push({ at: release - random.whole(12, 240), types: random.chance(0.7) ? types : [] });
  let networks = [`${name}/a`, `${name}/b`].slice(0, random.whole(1, 2));
  const move = random.chance(0.2) ? random.whole(30, 85) * 24 + random.whole(8, 16) : Number.NaN;
  const outages = Array.from({ length: random.whole(0, 3) }, () => random.whole(15 * 24, HOURS - 24));
  // A deployment with the wrong scope or key, until somebody sees it.
  const bug = random.chance(0.04) ? random.whole(20 * 24, HOURS - 24) : Number.NaN;
  const jobLate = new Map<number, number>();
  for (let hour = born; hour < HOURS; hour += 1) {
    const day = Math.floor(hour / 24);
    if (hour === move) networks = [`${name}/moved`, ...networks.slice(1)];
    if (!jobLate.has(day)) jobLate.set(day, rhythm === 'nightly' && random.chance(0.05) ? 1 : 0);
    const share = shareAt(rhythm, hour - (jobLate.get(day) ?? 0), jobAt);
    const isOut = outages.some((out) => hour >= out && hour < out + 2);
    const isAfter = outages.some((out) => hour === out + 2);
    let mean =
      size * share * (1 + growth) ** (hour / 168) * Math.exp(noise * random.normal() - noise ** 2 / 2);
    if (day >= campaign) mean *= day < campaign + 5 ? gain : 1 + (gain - 1) / 3;
    if (isAfter) mean *= 1.5;
    if (rhythm === 'nightly' && share === 1 && random.chance(0.02)) mean *= 1.8;
    // Somebody works late.
    if (rhythm === 'office' && share === 0 && random.chance(0.01)) mean = Math.min(15, size * 0.05);
    const requests = isOut ? random.count(mean * 0.05) : random.count(mean);
    const here = app.server.hours[hour] as Hour;
    here.requests = requests;
    here.resources = Math.round(requests * perRequest * random.between(0.9, 1.1));
    here.patients = Math.min(requests, random.count((requests / perPatient) * random.between(0.9, 1.1)));
    const refused =
      random.count(requests * failing * (isAfter ? 3 : 1)) +
      (hour >= bug && hour < bug + 2 ? Math.round(requests / 2) : 0);
    here.refusals = counted(random, 'refusals', refused, personsOf(serves, here));
    // The app of one of them goes round in circles.
    if (serves !== 'itself' && requests > 0 && random.chance(1 / 2_000))
      here.refusals += counted(random, 'refusals', random.whole(50, 500), 1);
    for (const kind of kinds) if (random.chance(1 - 0.95 ** Math.min(requests, 200))) here.kinds.add(kind);
    for (const kind of rare) if (requests > 0 && random.chance(1 / 150)) here.kinds.add(kind);
    if (hour >= release)
      for (const kind of released)
        if (random.chance(1 - 0.98 ** Math.min(requests, 200))) here.kinds.add(kind);
    if (requests > 0) for (const network of networks) here.networks.add(network);
    const there = app.token.hours[hour] as Hour;
    const tokens = random.count(requests / 8);
    const failed = random.count(tokens * failing) + (hour >= bug + 200 && hour < bug + 201 ? 40 : 0);
    there.refusals = counted(random, 'refusals', failed, personsOf(serves, here));
    if (tokens > 0) for (const network of networks) there.networks.add(network);
    there.places = there.networks.size;
    // A client that sends the same again after a lost answer.
    if (tokens > 0 && random.chance(1 / 4_000))
      there.replays = serves === 'itself' ? 1 : counted(random, 'replays', random.whole(1, 4), 1);
  }
  return app;
}
