// Revoke, stop or suspend, while the tokens are refreshed and asked about at every process.
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_NETWORK } from '../../src/demo/seed-staff.ts';
import { apiUser } from '../setup/api-client.ts';
import type { World } from '../setup/world.ts';
import { type App, backendService, confidentialApp, publicApp } from './apps.ts';
import { appSubject, sharingSubject } from './history.ts';
import { headersOf, type Person } from './people.ts';
import { connected, introspectAll, lookAround, patients, type Race, turn } from './race.ts';
import type { Asked, Recorder } from './recorder.ts';
import {
  authenticateRequest,
  introspectRequest,
  refreshRequest,
  revokeRequest,
  type Tokens,
  tokensOf,
} from './requests.ts';

interface Ending {
  readonly app: App;
  readonly person: Person;
  readonly tokens: Tokens;
  readonly round: number;
}

/** The end comes within this time, so that it meets the other requests at every stage. */
const LATEST_MS = 15;
const REFRESHERS = 2;

/** Which token is revoked, by turns that meet each app with each. */
const KINDS = ['refresh', 'refresh', 'access', 'access'] as const;

/** Everybody goes on until the end is acknowledged, and asks once more after that. */
async function pursue(
  recorder: Recorder,
  { app, tokens }: Ending,
  end: () => Promise<Asked>,
): Promise<Tokens[]> {
  const { arena, parallel } = recorder;
  const seen: Tokens[] = [tokens];
  const current = () => seen[seen.length - 1] as Tokens;
  const asked = await end();
  let over = false;

  const ender = async () => {
    await sleep(Math.random() * LATEST_MS);
    await recorder.attempt(asked);
    over = true;
  };
  const renewed = async ({ refresh }: Tokens): Promise<Tokens[]> => {
    // RFC 9700 §4.14.2: an app with a key may ask twice, as after a lost answer.
    const proofs = await Promise.all(Array.from({ length: app.hasKey ? REFRESHERS : 1 }, app.proof));
    const first = seen.length;
    const answers = await Promise.all(
      proofs.map((proof, index) => {
        const instance = (first + index) % arena.instances;
        const backend = app.acts === 'backend';
        return recorder.attempt(
          backend ? authenticateRequest(proof, instance) : refreshRequest(refresh, proof, instance),
        );
      }),
    );
    return answers.map(tokensOf).filter((one) => one !== undefined);
  };
  const refresher = async () => {
    let refused = false;
    for (let wasOver = false; !wasOver && !refused; ) {
      wasOver = over;
      const given = await renewed(current());
      seen.push(...given);
      refused = given.length === 0;
    }
  };
  const asker = async (index: number) => {
    for (let wasOver = false; !wasOver; ) {
      wasOver = over;
      const { access } = index % 4 === 0 ? turn(seen, index) : current();
      await recorder.attempt(introspectRequest(arena.world, access, index % arena.instances));
    }
  };
  const askers = Array.from({ length: parallel - 1 - REFRESHERS }, (_, index) => asker(index));
  await Promise.all([ender(), refresher(), ...askers]);
  return seen;
}

/** The refresh token that was not used yet: to use another would be a replay, and an end of its own. */
async function lookBack(recorder: Recorder, app: App, seen: readonly Tokens[]): Promise<void> {
  await introspectAll(recorder, seen);
  await lookAround(recorder, app, seen.slice(-1));
}

function endingRace(
  about: Pick<Race, 'name' | 'about'>,
  apps: readonly ((world: World) => Promise<App>)[],
  prepare: (recorder: Recorder) => Promise<(ending: Ending) => Promise<void>>,
): Race {
  return {
    ...about,
    async prepare(recorder) {
      const all = await Promise.all(apps.map((make) => make(recorder.arena.world)));
      const [patientOf, run] = [patients(recorder), await prepare(recorder)];
      return async (round) => {
        const [app, person] = [turn(all, round), await patientOf(round)];
        await run({ app, person, round, tokens: await connected(recorder, person, app) });
      };
    },
  };
}

export const revocation = endingRace(
  { name: 'revoke', about: 'the app revokes a token (RFC 7009), against refresh and introspection' },
  [publicApp, confidentialApp, backendService],
  async (recorder) => async (ending) => {
    const { app, tokens, round } = ending;
    const kind = turn(tokens.refresh === '' ? (['access'] as const) : KINDS, round);
    const instance = Math.floor(round / 4) % recorder.arena.instances;
    const end = async () => revokeRequest(kind, tokens[kind], await app.proof(), instance);
    await lookBack(recorder, app, await pursue(recorder, ending, end));
  },
);

export const stop = endingRace(
  { name: 'stop', about: 'the patient stops sharing, against refresh and introspection' },
  [publicApp, confidentialApp],
  async (recorder) => async (ending) => {
    const { app, person, round } = ending;
    const path = `/my/apps/${app.id}/stop`;
    const instance = Math.floor(round / 2) % recorder.arena.instances;
    const end = async (): Promise<Asked> => ({
      ...{ action: 'stop', subject: sharingSubject(app.id, person.id), instance, path },
      ...{ form: { csrf: person.csrf }, headers: headersOf(person.browser, path) },
    });
    await lookBack(recorder, app, await pursue(recorder, ending, end));
  },
);

export const suspension = endingRace(
  { name: 'suspend', about: 'an operator suspends the app, against refresh and introspection' },
  [publicApp, confidentialApp, backendService],
  async (recorder) => {
    const { token } = await apiUser(recorder.arena.world, DEMO_NETWORK, ['operator']);
    const command = (action: 'suspend' | 'resume', appId: string, instance: number): Asked => ({
      ...{ action, subject: appSubject(appId), instance, path: `/api/v1/apps/${appId}/${action}` },
      ...{ json: { reason: 'A race.' }, headers: { authorization: `Bearer ${token}` } },
    });
    return async (ending) => {
      const { app, round } = ending;
      const instance = Math.floor(round / 2) % recorder.arena.instances;
      const seen = await pursue(recorder, ending, async () => command('suspend', app.id, instance));
      await lookBack(recorder, app, seen);
      await recorder.attempt(command('resume', app.id, 1 % recorder.arena.instances));
      // What was cut off stays so.
      await introspectAll(recorder, seen);
    };
  },
);
