import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

describe('someone who works for an organization', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('postgresql');
  });
  afterAll(() => world.stop());

  test('is signed in after the invitation', async () => {
    const browser = await staffBrowser(world, 'dana-whitfield');
    const page = await browser.open('/staff/enrolled');
    expect(page.html).toContain('Dana Whitfield, Lantern Health, Inc.');
  });
});
