import { afterAll, beforeAll, test } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { type Chromium, openChromium } from '../setup/chromium.ts';
import { consolePaths, consoleRecords } from '../setup/console-records.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let chromium: Chromium;
let world: World;
let records: Awaited<ReturnType<typeof consoleRecords>>;
beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql', { POSTERN_REGISTRATION: 'true' })]);
  records = await consoleRecords(world);
}, 60_000);
afterAll(async () => { await chromium.close(); await world.stop(); });
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
test('prof', async () => {
  const person = await chromium.person();
  const { page } = person;
  await page.goto(await staffInvitation(world, 'priya-raman'));
  await page.locator('[data-create] button').click();
  await page.locator('main.page-staff-enrolled').waitFor();
  const sums: Record<string, number> = {};
  const time = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const at = performance.now();
    const r = await work();
    sums[key] = (sums[key] ?? 0) + performance.now() - at;
    return r;
  };
  for (const path of consolePaths(records).slice(0, 20)) {
    await time('goto load', () => page.goto(world.issuer + path));
    await page.setViewportSize({ width: 320, height: 800 });
    const source = new AxeBuilder({ page }).script();
    await time('inject', () => page.evaluate(source));
    await time('inject again', () => page.evaluate(source));
    const run = (options: object) => page.evaluate(async (o) => { const { violations } = await (globalThis as any).axe.run(o); return violations.length; }, options);
    await time('run all', () => page.evaluate(async (o) => await (globalThis as any).axe.run(o), { runOnly: RULES }));
    await time('run violations only returned', () => run({ runOnly: RULES }));
    await time('run resultTypes', () => run({ runOnly: RULES, resultTypes: ['violations'] }));
    await time('builder', () => new AxeBuilder({ page }).withTags(RULES).setLegacyMode().analyze());
    const per = await page.evaluate(async (o) => { const r = await (globalThis as any).axe.run(o); return [r.passes, r.incomplete].map((x: any) => x.length); }, { runOnly: RULES });
    sums[`n ${per}`] = (sums[`n ${per}`] ?? 0) + 1;
  }
  console.log(JSON.stringify(sums, null, 1));
}, 300_000);
