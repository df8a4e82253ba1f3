import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { faultsOf } from '../browser/faults.ts';
import { openChromium } from '../setup/chromium.ts';
import { consolePaths, consoleRecords } from '../setup/console-records.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld } from '../setup/world.ts';

test('shots', async () => {
  const [chromium, world] = await Promise.all([
    openChromium(),
    createWorld('postgresql', { POSTERN_REGISTRATION: 'true' }),
  ]);
  const out: string[] = [];
  try {
    const records = await consoleRecords(world);
    mkdirSync('/tmp/g-shots', { recursive: true });
    const person = await chromium.person({ locale: process.env.G_LOCALE ?? 'en-US' });
    const invitation = await staffInvitation(world, 'priya-raman');
    await person.page.goto(invitation);
    await person.page.locator('[data-create] button').click();
    await person.page.waitForURL(/enrolled/);
    const only = process.env.G_ONLY;
    let n = 0;
    for (const path of consolePaths(records)) {
      n += 1;
      if (only && !path.includes(only)) continue;
      const answer = await person.page.goto(world.issuer + path);
      const name = `${String(n).padStart(2, '0')}${path.replace(/[^a-z]+/gi, '-').slice(0, 60)}`;
      if (answer?.status() !== 200)
        out.push(
          `${path}: ${answer?.status()} ${(await person.page.locator('main').innerText()).slice(0, 200)}`,
        );
      for (const width of [320, 1280]) {
        await person.page.setViewportSize({ width, height: 800 });
        const faults = await faultsOf(person.page, (process.env.G_LOCALE ?? 'en').slice(0, 2));
        if (faults.length) out.push(`${path} ${width}: ${faults.join(' | ').slice(0, 600)}`);
        await person.page.screenshot({ path: `/tmp/g-shots/${name}-${width}.png`, fullPage: true });
      }
    }
    out.push(...person.complaints);
  } catch (e) {
    out.push(String((e as Error).stack), JSON.stringify(e));
  } finally {
    writeFileSync('/tmp/g-shots/out.txt', out.join('\n'));
    await chromium.close();
    await world.stop();
  }
}, 400_000);
