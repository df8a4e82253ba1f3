import { mkdirSync } from 'node:fs';
import { test } from '@jest/globals';
import { faultsOf } from '../browser/faults.ts';
import { openChromium } from '../setup/chromium.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld } from '../setup/world.ts';

test('shots', async () => {
  mkdirSync('/tmp/f-shots', { recursive: true });
  const world = await createWorld('postgresql', process.env.LOG ? { POSTERN_LOG_LEVEL: 'error' } : {});
  const chromium = await openChromium();
  try {
    const person = await chromium.person({
      viewport: { width: 1280, height: 900 },
      locale: process.env.LOC ?? 'en-US',
    });
    const { page } = person;
    page.on('response', (r) => {
      if (r.status() >= 500) console.log(r.status(), r.url());
    });
    await page.goto(await staffInvitation(world, 'dana-whitfield'));
    await page.locator('[data-create] button').click();
    await page.waitForURL(/enrolled/);
    const shot = async (name: string) => {
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        const f = await faultsOf(page, 'en');
        if (f.length)
          console.log(
            name,
            width,
            f.map((x) => x.slice(0, 600)),
          );
        const height = await page.evaluate<number>('document.documentElement.scrollHeight');
        const step = width === 320 ? 1800 : 1700;
        if (process.env.ONLY && !new RegExp(process.env.ONLY).test(name)) continue;
        for (let y = 0, part = 1; y < height; y += step, part += 1)
          await page.screenshot({
            path: `/tmp/f-shots/${name}-${width}-${part}.png`,
            fullPage: true,
            clip: { x: 0, y, width, height: Math.min(step, height - y) },
            timeout: 60_000,
          });
      }
    };
    await page.goto(`${world.issuer}/developer`);
    await shot('apps');
    await page.goto(`${world.issuer}/developer/apps/new?environment=sandbox`);
    await shot('new');
    await page.locator('button[name=action][value=save].primary').click();
    await shot('new-faults');
    await page.getByLabel('Name', { exact: true }).fill('Harbor');
    await page.getByLabel('Why, in one sentence').fill('We show you your lab results in plain words.');
    await page.getByLabel('Website').fill('https://harbor.example');
    await page.getByLabel('Redirect URIs', { exact: true }).fill('http://localhost:9999/app');
    await page.locator('input[name="audiences"]').first().check();
    await page
      .locator('input[name="builder.box"][value="Condition.view"]')
      .first()
      .evaluate((e: any) => e.click());
    await page.waitForTimeout(1000);
    await shot('new-filled');
    await page.locator('button[name=action][value=save].primary').click();
    await page.waitForTimeout(500);
    console.log(page.url());
    await shot('app');
    const base = page.url().split('?')[0];
    for (const tab of [
      'edit',
      'keys',
      'refusals',
      'test-key',
      'quick-start',
      'changes',
      'people',
      'submit',
    ]) {
      await page.goto(`${base}/${tab}`);
      await shot(`sandbox-${tab}`);
    }
    for (const tab of [
      '',
      'edit',
      'keys',
      'refusals',
      'test-key',
      'quick-start',
      'changes',
      'people',
      'submit',
    ]) {
      await page.goto(`${world.issuer}/developer/apps/population-health-service/${tab}`);
      await shot(`backend-${tab}`);
    }
    for (const p of ['transfers', 'domains', 'tokens']) {
      await page.goto(`${world.issuer}/developer/${p}`);
      await shot(p);
    }
    console.log(person.complaints);
  } finally {
    await chromium.close();
    await world.stop();
  }
}, 240_000);
