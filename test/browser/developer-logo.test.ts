import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { harbor, sandboxBase } from '../developer/portal.ts';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { picture } from '../setup/picture.ts';
import { changeApp } from '../setup/registrations.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let chromium: Chromium;
let world: World;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

async function signIn({ page }: Person): Promise<void> {
  await page.goto(await staffInvitation(world, 'dana-whitfield'));
  await page.locator('[data-create] button').click();
  await page.waitForURL('**/staff/enrolled');
}

/** What a sandbox app cannot do without. */
async function fillIn({ page }: Person, name: string): Promise<void> {
  const { purposeStatement, websiteUrl, redirectUris } = harbor(world);
  for (const [field, value] of Object.entries({ name, purposeStatement, websiteUrl, redirectUris }))
    await page.locator(`[name="${field}"]`).fill(String(value));
  await page.locator(`[name="audiences"][value="${sandboxBase(world)}"]`).check();
}

const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer });

test('a chosen picture is sent at once, shown in the form and in the preview, and saved with the form', async () => {
  const person = await chromium.person();
  const { page } = person;
  await signIn(person);
  await page.goto(`${world.issuer}/developer/apps/new`);
  const [chooser, told] = [page.getByLabel('Choose a file'), page.locator('#logo-status')];
  await chooser.setInputFiles(file('large.png', Buffer.alloc(300 * 1_024)));
  await told.getByText('256 KB at most').waitFor();
  await chooser.setInputFiles(file('drawing.png', Buffer.from('<svg/>')));
  await told.getByText('A logo is a PNG file.').waitFor();
  expect(await page.getByAltText('The logo as it is now').isVisible()).toBe(false);
  await chooser.setInputFiles(file('logo.png', picture(96)));
  await told.getByText('The picture is taken.').waitFor();
  const shown = page.getByAltText('The logo as it is now');
  expect(await shown.isVisible()).toBe(true);
  const url = await shown.getAttribute('src');
  await page.locator(`.preview img[src="${url}"]`).waitFor();
  await fillIn(person, 'Harbor');
  await page.locator('button.primary[value="save"]').click();
  await page.locator(`h1 img[src="${url}"]`).waitFor();
  await page.getByRole('link', { name: 'Description', exact: true }).click();
  expect(await page.getByAltText('The logo as it is now').getAttribute('src')).toBe(url);
  expect(person.complaints).toEqual([]);
  await person.context.close();
});

test('without scripts the form says that no logo can be sent, and one can be removed', async () => {
  const person = await chromium.person();
  await signIn(person);
  const { cookies } = await person.context.storageState();
  const plain = await chromium.person({ javaScriptEnabled: false });
  await plain.context.addCookies(cookies);
  const { page } = plain;
  const logoId = 'ab'.repeat(32);
  await world.store.prisma.logo.create({ data: { id: logoId, png: new Uint8Array(picture()) } });
  await changeApp(world, world.clientId, { logoId });
  await page.goto(`${world.issuer}/developer/apps/${world.clientId}/edit`);
  expect(await page.getByLabel('Choose a file').isVisible()).toBe(false);
  expect(await page.locator('noscript p').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'Remove the logo' }).click();
  expect(await page.getByAltText('The logo as it is now').isVisible()).toBe(false);
  await Promise.all([plain.context.close(), person.context.close()]);
});
