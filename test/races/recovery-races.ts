// One recovery code with one approval of the help desk: typed in by all at once, then a passkey made of what one of them won.
import { commandLine } from '../../src/policy/permissions.ts';
import { approveRecovery, makeRecoveryCodes } from '../../src/registry/recovery.ts';
import type { CreationOptions } from '../setup/authenticator.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { membersOf } from './outcome.ts';
import { headersOf, newPatient } from './people.ts';
import { type Race, turn } from './race.ts';

const PAGE = '/recovery/help';
/** So many passkeys are made for one way back, each sent several times. */
const PASSKEYS = 4;

export const recovery: Race = {
  name: 'recovery',
  about: 'one recovery code with one approval: typed into many browsers, then redeemed with several passkeys',
  async prepare(recorder) {
    const { arena, parallel, race, attempt } = recorder;
    const { world } = arena;
    const browsers = Array.from({ length: parallel }, () => new TestBrowser(world.issuer));
    const csrf = await Promise.all(browsers.map(async (browser) => csrfIn((await browser.open(PAGE)).html)));
    let patientId = '';
    let codes: readonly string[] = [];

    const typed = (index: number, approval: string, code: string) => ({
      ...({ action: 'recover', path: PAGE, headers: headersOf(turn(browsers, index), PAGE) } as const),
      ...{ subject: `recovery:${code.slice(0, 7)}`, form: { csrf: turn(csrf, index), approval, code } },
    });

    return async () => {
      // The limits of an hour are a story of their own: test/flows/recovery.test.ts.
      await world.store.sql('DELETE FROM try_count', []);
      if (codes.length === 0) {
        patientId = await newPatient(world);
        codes = await makeRecoveryCodes(world.store, patientId);
      }
      const [code, ...others] = codes as readonly [string, ...string[]];
      codes = others;
      await oneRound(code);
    };

    async function oneRound(code: string): Promise<void> {
      const approved = async () => {
        const given = { patientId, evidence: 'a race' };
        return (await approveRecovery(registryDeps(world), commandLine, given)).code;
      };
      const approval = await approved();
      const started = await race((index, instance) => ({ ...typed(index, approval, code), instance }));
      const winner = started.findIndex(({ status }) => status === 303);
      if (winner < 0) return;
      const about = headersOf(turn(browsers, winner), PAGE);
      const headers = { ...about, accept: 'application/json', 'x-csrf-token': turn(csrf, winner) };
      const passkeys: ReturnType<TestBrowser['authenticator']['create']>[] = [];
      for (let count = 0; count < PASSKEYS; count += 1) {
        const asked = { path: '/recovery/options', json: {}, headers };
        const options = membersOf((await arena.ask(count % arena.instances, asked)).text);
        const { authenticator } = turn(browsers, winner);
        passkeys.push(authenticator.create(options as unknown as CreationOptions));
      }
      const subject = `recovery:${code.slice(0, 7)}`;
      await race((index, instance) => {
        const json = turn(passkeys, Math.floor(index / arena.instances));
        const hands = `passkey:${json.id}`;
        return { action: 'renew', subject, instance, path: '/recovery/verify', json, headers, hands };
      });
      // Nor does the code open anything afterwards, whoever approves.
      await attempt({ ...typed(winner, await approved(), code), instance: 0 });
    }
  },
};
