// What a race is, and what each begins and ends with: an app that a patient has connected, and a look at what is left.
import type { App } from './apps.ts';
import { patiently } from './patiently.ts';
import { type Person, signedInPatient } from './people.ts';
import type { Recorder } from './recorder.ts';
import {
  authenticateRequest,
  introspectRequest,
  redeemRequest,
  refreshRequest,
  type Tokens,
  tokensOf,
} from './requests.ts';

/** One round: what is needed first, the race, and a look at what is left. */
export type Round = (round: number) => Promise<void>;

export interface Race {
  readonly name: string;
  readonly about: string;
  /** Once before the rounds. */
  prepare(recorder: Recorder): Promise<Round>;
}

const ROUNDS_EACH = 25;

/** A patient for each round; now and then another, since what one has shared grows. */
export function patients({ arena }: Recorder): (round: number) => Promise<Person> {
  let person: Promise<Person> | undefined;
  return (round) => {
    if (person === undefined || round % ROUNDS_EACH === 0) {
      person = patiently(() => signedInPatient(arena.world));
    }
    return person;
  };
}

export const turn = <Item>(items: readonly Item[], round: number): Item =>
  items[round % items.length] as Item;

/** An app has its first tokens: she has agreed to it, or it is a backend service. */
export function connected(recorder: Recorder, person: Person, app: App): Promise<Tokens> {
  return patiently(async () => {
    const asked =
      app.acts === 'backend'
        ? authenticateRequest(await app.proof(), 0)
        : redeemRequest(await person.agreed(app.id), await app.proof(), 0);
    const tokens = tokensOf(await recorder.attempt(asked));
    if (tokens === undefined) throw new Error('what a round begins with was refused');
    return tokens;
  });
}

/**
 * When all is over: what each process answers about each access token, and whether the refresh tokens can be used, each
 * once and alone. Answers with what those gave.
 */
export async function lookAround(recorder: Recorder, app: App, given: readonly (Tokens | undefined)[]) {
  const { arena } = recorder;
  const tokens = given.filter((one) => one !== undefined);
  await introspectAll(recorder, tokens);
  const more: Tokens[] = [];
  for (const token of new Set(tokens.map(({ refresh }) => refresh).filter((one) => one !== ''))) {
    const asked = refreshRequest(token, await app.proof(), more.length % arena.instances);
    const answer = tokensOf(await recorder.attempt(asked));
    if (answer !== undefined) more.push(answer);
  }
  return more;
}

export async function introspectAll({ arena, attempt }: Recorder, tokens: readonly Tokens[]): Promise<void> {
  const access = [...new Set(tokens.map((one) => one.access))];
  const instances = Array.from({ length: arena.instances }, (_, instance) => instance);
  await Promise.all(
    access.flatMap((token) =>
      instances.map((instance) => attempt(introspectRequest(arena.world, token, instance))),
    ),
  );
}
