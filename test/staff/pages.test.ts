import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { DEMO_OWNER } from '../../src/demo/seed-staff.ts';
import { formFaults } from '../../src/staff/form-faults.ts';
import { requireFresh } from '../../src/staff/guard.ts';
import { renderStaff } from '../../src/staff/render.ts';
import { createMessages } from '../../src/web/messages.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { htmlFaults } from '../web/html-faults.ts';
import { type AreaSite, openAreaSite, type Page } from './area-site.ts';

const hostile = '\u202E<script>alert(1)</script>"\' onload=x';

const words = (key: string, values: Readonly<Record<string, string | number>> = {}) =>
  `${key} of ${String(values.value)}`;
const faults = formFaults(
  [
    { field: 'name', code: 'too_long', value: hostile },
    { field: 'redirectUris.0', code: 'required' },
    { field: 'purposes', code: 'required' },
    { field: 'redirectUris.4', code: 'duplicate', value: 'https://a.example/' },
  ],
  words,
);

const sample = (ctx: Context) => {
  const options = [
    { value: 'a', label: hostile },
    { value: 'b', label: 'Bulk' },
  ];
  const fields = [
    { name: 'name', label: 'Name', hint: 'As patients see it.', value: hostile },
    { name: 'redirectUris', label: 'Redirect URIs', kind: 'textarea', value: hostile, literal: true },
    { name: 'exchange', label: 'Exchange', kind: 'select', value: 'b', options, optional: true },
    { name: 'mail', label: 'Mail', kind: 'email', autocomplete: 'email' },
  ];
  const purposes = {
    ...{ name: 'purposes', label: 'Purposes', hint: 'What it is for.', kind: 'checkbox' },
    options: [
      { value: 'TREAT', label: hostile, checked: true },
      { value: 'PATRQT', label: 'At the request of the patient', checked: false },
    ],
  };
  const crumbs = [{ label: hostile, href: '/developer' }];
  renderStaff(ctx, 'sample', { app: hostile, keys: [hostile, 'two'], faults, fields, purposes }, { crumbs });
};

const pages: readonly Page[] = [
  ['get', '/developer/keys', sample],
  ['get', '/developer/serious', (ctx) => requireFresh(ctx, -1)],
];

let site: AreaSite;
let dana: TestBrowser;
let stranger: TestBrowser;
beforeAll(async () => {
  site = await openAreaSite(pages, { 'sample.eta': readFileSync('test/staff/sample.eta', 'utf8') });
  await site.store.prisma.organization.update({ where: { id: 'lantern' }, data: { legalName: hostile } });
  await site.store.prisma.person.update({ where: { id: DEMO_OWNER }, data: { name: hostile } });
  dana = await site.signedIn(DEMO_OWNER);
  stranger = Object.assign(await site.signedIn('miguel-santos'), { cookies: [] });
  await site.store.prisma.personRole.deleteMany({ where: { personId: 'tom-lindqvist' } });
});
afterAll(() => site.stop());

const shown: readonly (readonly [path: string, heading: string, who: () => TestBrowser])[] = [
  ['/staff/sign-in', 'Sign in for your organization', () => stranger],
  ['/staff/signed-out', 'You are signed out', () => stranger],
  ['/staff/enrolled', 'Your passkey is ready', () => dana],
  ['/developer/serious', 'Show your passkey again', () => dana],
  ['/developer/keys?done=sample-saved', 'Keys of', () => dana],
  ['/admin', 'We cannot find this page', () => dana],
];

describe.each(shown)('%s', (path, heading, who) => {
  test.each(['en', 'es'])('is well formed and inert in %s, whatever the names hold', async (lang) => {
    await who().open(`/staff/signed-out?lang=${lang}`);
    const { html } = await who().open(path);
    expect(htmlFaults(html)).toEqual([]);
    expect(html).toContain(`<html lang="${lang}" dir="ltr">`);
    expect(html).not.toMatch(/<script>|\u202E|undefined|\[object/);
    if (lang === 'en') expect(html).toContain(`<h1>${heading}`);
  });
});

test('someone without a role reads that, and may sign out', async () => {
  const tom = await site.signedIn('tom-lindqvist');
  const { html } = await tom.open('/staff');
  expect(html).toContain('<h1>You have no role yet</h1>');
  expect(html).toContain('action="/staff/sign-out"');
  expect(htmlFaults(html)).toEqual([]);
});

test('a fault is told on top, with a link to its field, and at the field (WCAG 2.2 §3.3.1)', async () => {
  const { html } = await dana.open('/developer/keys?lang=en');
  expect(html).toContain('<h2>4 things need to be corrected</h2>');
  expect(html).toContain('<a href="#field-redirectUris">fault.duplicate of https://a.example/</a>');
  const [textarea = ''] = /<textarea id="field-redirectUris"[^>]*>/.exec(html) ?? [];
  expect(textarea).toContain('aria-describedby="field-redirectUris-fault" aria-invalid="true"');
  const [input = ''] = /<input id="field-name"[^>]*>/.exec(html) ?? [];
  expect(input).toContain('aria-describedby="field-name-hint field-name-fault" aria-invalid="true"');
  expect(html).toContain('<fieldset class="field faulty" id="field-purposes" tabindex="-1"');
  expect(html).toMatch(/<select id="field-exchange" name="exchange">\n/);
});

test('the faults of a list are those of its control, unless the form says otherwise', () => {
  expect(faults.of('redirectUris')).toEqual(['fault.required of ', 'fault.duplicate of https://a.example/']);
  expect(faults.of('redirect')).toEqual([]);
  const named = formFaults([{ field: 'useCase.endsAt', code: 'required' }], words, () => 'ends');
  expect(named.all).toEqual([{ id: 'field-ends', text: 'fault.required of ' }]);
});

test('every message of the templates of staff is in the catalogues', () => {
  const keys = createMessages('views').keys();
  const templates = readdirSync('views').filter((name) => /^(staff-|passkey-).*\.eta$/.test(name));
  expect(templates.length).toBeGreaterThan(10);
  const used = templates.flatMap((name) =>
    [...readFileSync(`views/${name}`, 'utf8').matchAll(/\bt\('([^']+)'/g)].map(([, key = '']) => key),
  );
  const missing = used.filter((key) => !keys.includes(key) && !keys.includes(`${key}.other`));
  expect(missing).toEqual([]);
});
