import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { picture } from '../setup/picture.ts';
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

const edit = () => `${world.issuer}/developer/apps/${world.clientId}/edit`;
const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/png', buffer });

test('a chosen picture is sent at once, shown in the form and in the preview, and saved with the form', async () => {
  const person = await chromium.person();
  const { page } = person;
  await signIn(person);
  await page.goto(edit());
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
  await page.locator('button.primary[value="save"]').click();
  await page.waitForURL('**?done=revision-saved');
  await page.goto(edit());
  expect(await page.getByAltText('The logo as it is now').getAttribute('src')).toBe(url);
  // The one refused file, and nothing that a policy of the page kept away.
  expect(person.complaints.filter((text) => !text.includes('422'))).toEqual([]);
  await person.context.close();
}, 60_000);

test('without scripts the form says that no logo can be sent, and one can be removed', async () => {
  const person = await chromium.person();
  await signIn(person);
  const { cookies } = await person.context.storageState();
  const plain = await chromium.person({ javaScriptEnabled: false });
  await plain.context.addCookies(cookies);
  const { page } = plain;
  await page.goto(edit());
  expect(await page.getByLabel('Choose a file').isVisible()).toBe(false);
  expect(await page.getByText('Without scripts a logo cannot be sent here.').isVisible()).toBe(true);
  await page.getByRole('button', { name: 'Remove the logo' }).click();
  expect(await page.getByAltText('The logo as it is now').isVisible()).toBe(false);
  await Promise.all([plain.context.close(), person.context.close()]);
}, 60_000);
