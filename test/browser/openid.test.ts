import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { type LoginClient, loginOf, loginRequest, registerLoginClient } from '../setup/login-client.ts';
import { createWorld, type World } from '../setup/world.ts';
import { faultsOf, shapeFaults, WIDTHS } from './faults.ts';

let chromium: Chromium;
let world: World;
let portal: LoginClient;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld()]);
  portal = await registerLoginClient(world);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

test.each([
  ['en-US', 'en', 'Ana Rivera'],
  ['es-US', 'es', 'James Okafor'],
])(
  'in %s a patient signs in to a portal, and out again: accessible at 320 and 1280 px (WCAG 2.2 AA)',
  async (locale, lang, name) => {
    const { page, context, complaints } = await chromium.person({ locale });
    await context.route('https://portal.example/**', (route) => route.fulfill({ body: 'the portal' }));
    const faults: Record<string, string[]> = {};
    const seen = async (what: string) => {
      await page.locator(`main.page-${what}`).waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const found = await (width === 320 ? faultsOf : shapeFaults)(page, lang);
        if (found.length > 0) faults[`${what}, ${width} px`] = found;
      }
    };
    await page.goto(await invitationFor(world, name));
    await page.locator('[data-create] button').click();
    await page.locator('main.page-enrolled').waitFor();

    await page.goto(loginRequest(world, portal));
    await seen('identity');
    await page.locator('button[value="share"]').click();
    await page.waitForURL('https://portal.example/callback?**');
    const { idToken } = await loginOf(world, portal, new URL(page.url()));

    const leave = new URLSearchParams({ id_token_hint: idToken, state: 's' });
    await page.goto(`${world.issuer}/session/end?${leave}`);
    await seen('sign-out');
    await page.locator('button:not([name]).decide').click();
    await seen('still-signed-in');
    await page.goto(
      `${world.issuer}/session/end?${leave}&post_logout_redirect_uri=https://portal.example/bye`,
    );
    await page.locator('button[name="logout"]').click();
    await page.waitForURL('https://portal.example/bye?state=s');
    expect(faults).toEqual({});
    expect(complaints).toEqual([]);
    await context.close();
  },
);
