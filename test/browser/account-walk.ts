// The way through every page of a patient, goes on: her account, the loss of all but a code on paper, and the end.
import type { Person } from '../setup/chromium.ts';
import type { World } from '../setup/world.ts';
import type { Seen } from './patient-walk.ts';
import { walking } from './steps.ts';

/** Her passkeys, codes, addresses and people. Answers with a recovery code. */
export async function herAccount(person: Person, world: World, seen: Seen): Promise<string> {
  const { page } = person;
  const { arrive, click, open } = walking(person, world);
  const titled = async (path: string, name: string) => {
    await open(path);
    await seen(name);
  };
  await titled('/my/verify', 'verify');
  await titled('/my/security', 'passkeys');
  await titled('/my/security/add', 'another passkey');
  await titled('/my/security/add?for=second', 'a second passkey');
  await titled('/my/security/add?for=here', 'a passkey here');
  await open('/my/security');
  await click('main a.danger');
  await arrive('passkey-remove');
  await seen('the last passkey');
  await titled('/my/people', 'people');
  await click('main a.danger');
  await arrive('end-person');
  await seen('the end of a right');
  await titled('/my/notices', 'notices');
  await page.locator('input[type=email]').fill(`ana.${Date.now()}@mail.example`);
  await click('form[action$="/addresses"] button');
  await page.locator('input[name="code"]').first().waitFor();
  await seen('notices with an address that waits');
  await page.locator('input[name="code"]').first().fill('AAAA-AAAA');
  await click('form[action$="/confirm"] button');
  await page.locator('[role=alert]').waitFor();
  await seen('notices with a problem');
  await titled('/my/recovery', 'recovery codes');
  await click('main form button');
  await arrive('recovery-codes-made');
  await seen('recovery codes, new');
  return (await page.locator('.codes code').first().textContent()) ?? '';
}

/** All is lost but a code on paper. */
export async function theWayBack(person: Person, world: World, seen: Seen, code: string): Promise<void> {
  const { page, device } = person;
  const { arrive, click, open, connect } = walking(person, world);
  const proved = async (button: string) => {
    await click('main a[href*="/to/"]');
    await page.locator(`button[value="${button}"]`).click();
  };
  await open('/my');
  await click('form.identity button');
  await arrive('signed-out');
  await seen('signed out');
  await device.forgets('Ana Rivera');
  await open('/my');
  await page.locator('[data-autofill] input').waitFor();
  await seen('sign-in');
  await connect();
  await arrive('sign-in');
  await seen('sign-in for an app');
  await open('/my/enrol');
  await arrive('prove-identity');
  await seen('who she is, at first');
  await proved('deny');
  await arrive('proofing-stopped');
  await seen('a proof that was stopped');
  await open('/my/enrol');
  await proved('demo-maya-chen 2');
  await arrive('proofed');
  await seen('proved');
  await open('/recovery');
  await seen('recovery');
  await page.locator('#code').fill('AAAA-AAAA');
  await click('main form button');
  await page.locator('[role=alert]').waitFor();
  await seen('recovery with a problem');
  await open('/recovery/help');
  await seen('recovery with the help desk');
  await open('/recovery');
  await page.locator('#code').fill(code);
  await click('main form button');
  await arrive('recovery-proof');
  await seen('recovery, to be proved');
  await click('main form button');
  await arrive('prove-identity');
  await seen('who she is, again');
  await proved('demo-ana-rivera 2');
  await arrive('recovery-passkey');
  await seen('recovery, proved');
  await click('main form button');
  await arrive('recovered');
  await seen('recovered');
  await open('/my');
  await seen('my apps while her account is watched');
}

/** At the end, since it ends her session. */
export async function farewell(person: Person, world: World, seen: Seen): Promise<void> {
  const { page } = person;
  const { arrive, click, open } = walking(person, world);
  await open('/my/security');
  await click('form[action$="/sign-out-everywhere"] button');
  await arrive('signed-out-everywhere');
  await seen('signed out everywhere');
  // The field offers the passkey, and the device agrees.
  await open('/my');
  await page.locator('form.identity, [data-passkey="add"]').waitFor();
  await open('/my/security');
  await page.locator('article:not(:has(.tag.on)) a.danger').first().click();
  await arrive('kept-by-watch');
  await seen('a passkey that is kept for a day');
  await click('main a.button');
  await click('article:has(.tag.on) a.danger');
  await arrive('passkey-remove');
  await seen('a passkey to remove');
  await click('main form button');
  await arrive('passkey-removed');
  await seen('the passkey is gone');
  await open('/nothing');
  await seen('error');
  await page.goto(`${world.appOrigin}/nothing`);
  await seen('the app’s error', 'en');
}
