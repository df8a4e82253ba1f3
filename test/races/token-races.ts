// One code, one refresh token, one client assertion: presented at the token endpoint by all at once.
import { backendService, confidentialApp, publicApp } from './apps.ts';
import { connected, lookAround, patients, type Race, turn } from './race.ts';
import { authenticateRequest, redeemRequest, refreshRequest, type Tokens, tokensOf } from './requests.ts';

export const code: Race = {
  name: 'code',
  about: 'one authorization code, of a public and of a confidential app',
  async prepare(recorder) {
    const { world } = recorder.arena;
    const [apps, patientOf] = [[await publicApp(world), await confidentialApp(world)], patients(recorder)];
    return async (round) => {
      const app = turn(apps, round);
      const agreed = await (await patientOf(round)).agreed(app.id);
      const proofs = await Promise.all(Array.from({ length: recorder.parallel }, app.proof));
      const answers = await recorder.race((index, instance) =>
        redeemRequest(agreed, proofs[index] ?? {}, instance),
      );
      await lookAround(recorder, app, answers.map(tokensOf));
    };
  },
};

export const publicRefresh: Race = {
  name: 'refresh-public',
  about: 'one refresh token of a public app: a second use is a replay',
  async prepare(recorder) {
    const [app, patientOf] = [await publicApp(recorder.arena.world), patients(recorder)];
    return async (round) => {
      const { refresh } = await connected(recorder, await patientOf(round), app);
      const proof = await app.proof();
      const answers = await recorder.race((_, instance) => refreshRequest(refresh, proof, instance));
      await lookAround(recorder, app, answers.map(tokensOf));
    };
  },
};

export const confidentialRefresh: Race = {
  name: 'refresh-retried',
  about: 'one refresh token of an app with a key: all hear the one answer',
  async prepare(recorder) {
    const [app, patientOf] = [await confidentialApp(recorder.arena.world), patients(recorder)];
    let tokens: Tokens | undefined;
    return async (round) => {
      if (tokens === undefined || round % 25 === 0)
        tokens = await connected(recorder, await patientOf(round), app);
      const { refresh } = tokens;
      const proofs = await Promise.all(Array.from({ length: recorder.parallel }, app.proof));
      const answers = await recorder.race((index, instance) =>
        refreshRequest(refresh, proofs[index] ?? {}, instance),
      );
      // The family goes on with the successor.
      [tokens] = await lookAround(recorder, app, answers.map(tokensOf));
    };
  },
};

export const assertion: Race = {
  name: 'assertion',
  about: 'one client assertion, RS384',
  async prepare(recorder) {
    const app = await backendService(recorder.arena.world);
    return async () => {
      const proof = await app.proof();
      const answers = await recorder.race((_, instance) => authenticateRequest(proof, instance));
      await lookAround(recorder, app, answers.map(tokensOf));
    };
  },
};
