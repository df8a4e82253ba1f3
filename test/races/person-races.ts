// One consent form, one invitation: sent by all at once. An invitation stands for what a person may use once: it is the
// code with which she makes her passkey.
import { issueInvitation } from '../../src/store/invitations.ts';
import type { CreationOptions } from '../setup/authenticator.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { publicApp } from './apps.ts';
import { invitationSubject } from './history.ts';
import { type Answer, membersOf } from './outcome.ts';
import { headersOf, keepSession, newPatient } from './people.ts';
import { lookAround, patients, type Race, turn } from './race.ts';
import { redeemRequest, tokensOf } from './requests.ts';

export const consent: Race = {
  name: 'consent',
  about: 'one consent form, and the way on from it',
  async prepare(recorder) {
    const [app, patientOf] = [await publicApp(recorder.arena.world), patients(recorder)];
    return async (round) => {
      const { browser, asked } = await patientOf(round);
      const { request, uid, path, form, headers } = await asked(app.id);
      const subject = `interaction:${uid}`;
      const sent = await recorder.race((_, instance) => ({
        ...{ action: 'consent', subject, instance, path, form, headers },
      }));
      const next = sent.map((answer) => pathIn(answer)).find((to) => to !== undefined);
      if (next === undefined) return;
      const about = headersOf(browser, next);
      const callbacks = await recorder.race((_, instance) => ({
        ...{ action: 'proceed', subject, instance, method: 'GET', path: next, headers: about },
      }));
      const codes = callbacks.map((answer) => codeIn(answer)).filter((one) => one !== null);
      for (const answer of callbacks) if (codeIn(answer) !== null) keepSession(browser, answer);
      for (const [index, one] of codes.entries()) {
        const instance = index % recorder.arena.instances;
        const redeemed = await recorder.attempt(
          redeemRequest({ request, code: one }, await app.proof(), instance),
        );
        await lookAround(recorder, app, [tokensOf(redeemed)]);
      }
    };
  },
};

const locationOf = ({ headers }: Answer) => String(headers.location ?? '');

function pathIn(answer: Answer): string | undefined {
  const location = locationOf(answer);
  if (answer.status !== 303 || !/\/authorize\/[\w-]+$/.test(location)) return undefined;
  return location.replace(/^https?:\/\/[^/]+/, '');
}

function codeIn(answer: Answer): string | null {
  const location = locationOf(answer);
  return URL.canParse(location) ? new URL(location).searchParams.get('code') : null;
}

/** So many passkeys are made for one invitation, each sent several times. */
const PASSKEYS = 4;

export const invitation: Race = {
  name: 'invitation',
  about: 'one invitation: opened in many browsers, then redeemed with several passkeys',
  async prepare(recorder) {
    const { arena, parallel, race, attempt } = recorder;
    const { world } = arena;
    const browsers = Array.from({ length: parallel }, () => new TestBrowser(world.issuer));
    const sent = await Promise.all(
      browsers.map(async (browser) => {
        const csrf = csrfIn((await browser.open('/invitation')).html);
        return { ...headersOf(browser, '/invitation'), accept: 'application/json', 'x-csrf-token': csrf };
      }),
    );
    return async () => {
      const invited = await issueInvitation(world.store, { patientId: await newPatient(world) });
      const subject = invitationSubject(invited);
      const opened = await race((index, instance) => ({
        ...{ action: 'open', subject, instance, path: '/invitation/open' },
        ...{ json: { code: invited }, headers: sent[index] },
      }));
      const winner = opened.findIndex(({ status }) => status === 200);
      if (winner < 0) return;
      const headers = sent[winner];
      const passkeys: ReturnType<TestBrowser['authenticator']['create']>[] = [];
      for (let count = 0; count < PASSKEYS; count += 1) {
        const asked = { path: '/invitation/options', json: {}, headers };
        const options = membersOf((await arena.ask(count % arena.instances, asked)).text);
        const { authenticator } = turn(browsers, winner);
        passkeys.push(authenticator.create(options as unknown as CreationOptions));
      }
      await race((index, instance) => {
        const json = turn(passkeys, Math.floor(index / arena.instances));
        const hands = `passkey:${json.id}`;
        return { action: 'enrol', subject, instance, path: '/invitation/verify', json, headers, hands };
      });
      // Nor does it open anything afterwards.
      await attempt({
        ...{ action: 'open', subject, instance: 0, path: '/invitation/open' },
        ...{ json: { code: invited }, headers },
      });
    };
  },
};
