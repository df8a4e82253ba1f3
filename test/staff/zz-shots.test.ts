import { readFile } from 'node:fs/promises';
import { test } from '@jest/globals';
import { openChromium } from '../setup/chromium.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import { formFaults } from '../../src/staff/form-faults.ts';
import { renderStaff } from '../../src/staff/render.ts';
import { staffState } from '../../src/staff/state.ts';
import { requireFresh } from '../../src/staff/guard.ts';
import { openAreaSite } from './area-site.ts';

test('shots', async () => {
  const show = (ctx: any) => {
    const t = staffState(ctx).deps.pages.translate(ctx);
    const faults = formFaults([{ field: 'redirectUris.0', code: 'required' }, { field: 'name', code: 'too_long' }], (k) => k === 'fault.required' ? 'Use https, or a loopback address in the sandbox: http://x is neither.' : 'This is too long: 80 characters are the most.');
    renderStaff(ctx, 'sample', { app: 'Lantern Health', keys: ['kid-2027-03', 'kid-2027-09-with-a-very-long-name-0123456789'], faults,
      fields: [
        { name: 'name', label: 'Name', hint: 'As patients see it.', value: 'Lantern' },
        { name: 'redirectUris', label: 'Redirect URIs', hint: 'One a line.', kind: 'textarea', value: 'http://x', literal: true, optional: true },
        { name: 'exchange', label: 'Exchange', kind: 'select', value: 'b', options: [{ value: 'a', label: 'Interactive' }, { value: 'b', label: 'Bulk' }] },
      ] }, { crumbs: [{ label: 'Apps', href: '/developer' }, { label: 'Lantern Health', href: '/developer/apps/x' }] });
  };
  const site = await openAreaSite([['get', '/developer/keys', show], ['get', '/developer', show], ['get', '/admin', show],
    ['get', '/developer/serious', (ctx) => { requireFresh(ctx, -1); }]], { 'sample.eta': await readFile('test/staff/sample.eta', 'utf8') });
  const chromium = await openChromium();
  await site.store.prisma.personRole.create({ data: { id: 'x', personId: 'dana-whitfield', role: 'operator', grantedBy: 'test' } });
  for (const [w, scheme] of [[320, 'light'], [1280, 'light'], [320, 'dark'], [1280, 'dark']] as const) {
    const person = await chromium.person({ viewport: { width: w, height: 900 }, colorScheme: scheme, autofill: false });
    const shot = (name: string) => person.page.screenshot({ path: `/tmp/e-shots/${name}-${w}-${scheme}.png`, fullPage: true, timeout: 60_000 });
    await person.page.goto(`${site.issuer}/developer/keys`); await shot('sign-in');
    await person.page.goto(`${site.issuer}/invitation#${await issueInvitation(site.store, { personId: 'dana-whitfield' })}`);
    await person.page.getByRole('button', { name: 'Create my passkey' }).click();
    await person.page.waitForURL(/enrolled/); await shot('enrolled');
    await person.page.goto(`${site.issuer}/developer/keys?done=sample-saved`); await shot('sample');
    const over = await person.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await person.page.goto(`${site.issuer}/developer/serious`); await shot('verify');
    await person.page.goto(`${site.issuer}/developer/nothing`); await shot('missing');
    console.log(w, scheme, 'overflow', over, person.complaints, site.reported.splice(0));
    await person.context.close();
  }
  await chromium.close();
  await site.stop();
}, 120_000);
