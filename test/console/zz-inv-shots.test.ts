import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { faultsOf } from '../browser/faults.ts';
import { openChromium } from '../setup/chromium.ts';
import { connect } from '../setup/connection.ts';
import { inventoryRecords } from '../setup/inventory-records.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld } from '../setup/world.ts';

test('shots', async () => {
  const [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
  const out: string[] = [];
  try {
    await inventoryRecords(world);
    const { accessToken } = await connect(world, await world.patientBrowser());
    await world.introspect(accessToken);
    mkdirSync('/tmp/i-shots', { recursive: true });
    for (const [scheme, locale] of [
      ['light', 'en-US'],
      ['dark', 'es-US'],
    ] as const) {
      const person = await chromium.person({ locale, colorScheme: scheme });
      await person.page.goto(await staffInvitation(world, 'priya-raman'));
      await person.page.locator('[data-create] button').click();
      await person.page.waitForURL(/enrolled/);
      for (const path of [
        '/admin/inventory',
        '/admin/inventory?organizationId=lantern&finding=backup_missing&text=Or',
        '/admin/inventory?text=nothing-like-it',
      ]) {
        const answer = await person.page.goto(world.issuer + path);
        if (answer?.status() !== 200)
          out.push(
            `${path}: ${answer?.status()} ${(await person.page.locator('main').innerText()).slice(0, 300)}`,
          );
        for (const width of [320, 1280]) {
          await person.page.setViewportSize({ width, height: 800 });
          const faults = await faultsOf(person.page, locale.slice(0, 2));
          if (faults.length) out.push(`${path} ${width}: ${faults.join(' | ').slice(0, 900)}`);
          await person.page.screenshot({
            path: `/tmp/i-shots/${scheme}${path.replace(/[^a-z]+/gi, '-').slice(0, 40)}-${width}.png`,
            fullPage: true,
          });
        }
      }
      out.push(...person.complaints);
      await prismaReset(world);
    }
  } catch (e) {
    out.push(String((e as Error).stack));
  } finally {
    writeFileSync('/tmp/i-shots/out.txt', out.join('\n'));
    await chromium.close();
    await world.stop();
  }
}, 200_000);
async function prismaReset(world: { store: { prisma: any } }) {
  await world.store.prisma.passkey.deleteMany({ where: { personId: 'priya-raman' } });
}
