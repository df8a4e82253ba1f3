import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { consentView } from '../../src/patient/consent-view.ts';
import { historyView } from '../../src/patient/history-view.ts';
import { identityView } from '../../src/patient/identity-view.ts';
import { myAppsView } from '../../src/patient/my-apps-view.ts';
import { receiptView } from '../../src/patient/receipt-view.ts';
import { changedView, stopView } from '../../src/patient/stop-view.ts';
import type { Locale } from '../../src/web/locale.ts';
import type { Translate } from '../../src/web/messages.ts';
import { historyFacts, namesOf, receiptFacts } from '../patient/history-facts.ts';
import { consentFacts, identityFacts, inDays, now, sharing } from '../patient/sample-facts.ts';
import { htmlFaults } from './html-faults.ts';
import { openSite, type Site } from './site.ts';

const hostile = '\u202E<script>alert(1)</script>"\' onload=x';
const hostileApp = {
  ...consentFacts().app,
  name: hostile,
  organizationName: hostile,
  websiteHost: hostile,
  purposeStatement: hostile,
};
const signIn = { optionsUrl: '/o', verifyUrl: '/v', appName: hostile };
const ended = { ended: { at: inDays(-1), why: 'stopped' } } as const;
const sharings = [
  sharing({ appName: hostile, endsAt: inDays(3) }),
  sharing({ patientName: hostile }),
  sharing(ended),
];
const stop = { ...sharing({ appName: hostile, patientName: hostile }), actionUrl: '/stop', backUrl: '/my' };
const stopped = {
  ...stop,
  change: 'stop' as const,
  changedAt: now,
  receiptIds: ['4711', '4712'],
  myAppsUrl: '/my',
};
const reported = { title: hostile, app: hostile, patient: hostile, time: hostile, lead: hostile };

const views: Record<string, (t: Translate, locale: Locale) => object> = {
  home: () => ({ myAppsUrl: '/my' }),
  'sign-in': () => signIn,
  invitation: () => ({}),
  enrolled: () => ({ myAppsUrl: '/my' }),
  consent: (t, locale) => consentView(consentFacts({ app: hostileApp, accountName: hostile }), t, locale),
  'my-apps': (t, locale) =>
    myAppsView({ accountName: hostile, sharings, now, signOutUrl: '/out' }, t, locale),
  'stop-sharing': (t) => stopView(stop, t),
  stopped: (t, locale) => changedView(stopped, t, locale),
  history: (t, locale) => historyView(historyFacts({ names: namesOf(hostile) }), t, locale),
  receipt: (t, locale) => {
    const receipt = receiptFacts({ appName: hostile, recipientName: hostile, purposeStatement: hostile });
    const facts = { receipt, personId: 'p2', operatorName: hostile, purpose: hostile, zone: 'utc' } as const;
    return receiptView(facts, t, locale);
  },
  report: () => ({ ...reported, actionUrl: '/my/report?app=1', backUrl: '/my', points: [hostile] }),
  reported: () => ({ ...reported, effect: hostile, next: [hostile], myAppsUrl: '/my' }),
  'signed-out': () => ({ signInUrl: '/my' }),
  identity: (t, locale) => identityView(identityFacts({ app: hostileApp, accountName: hostile }), t, locale),
  'sign-out': () => ({ appName: hostile, actionUrl: '/session/end/confirm', xsrf: hostile }),
  'still-signed-in': () => ({ appName: hostile, myAppsUrl: '/my' }),
};

let site: Site;
beforeAll(async () => {
  const show = (ctx: Context, { pages }: Pick<Site, 'pages'>) => {
    const name = ctx.path.slice(1);
    const view = views[name]?.(pages.translate(ctx), pages.localeOf(ctx));
    if (view) pages.renderPage(ctx, name, view);
  };
  site = await openSite('http://localhost:3000', show, '+1 555 010 0199');
});
afterAll(() => site.close());

describe.each(Object.keys(views))('%s', (name) => {
  test.each(['en', 'es'])('is well formed and inert in %s, whatever the names hold', async (lang) => {
    const { status, body, headers } = await site.get(`/${name}?lang=${lang}`);
    expect(status).toBe(200);
    expect(htmlFaults(body)).toEqual([]);
    expect(body).toContain(`<html lang="${lang}" dir="ltr">`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).not.toMatch(/<script>|\u202E|undefined|\[object/);
  });

  test('offers the other language on the same page, and help at its foot (WCAG 2.2 §3.2.6)', async () => {
    const { body } = await site.get(`/${name}?a=1`);
    expect(body).toContain('<a href="?a=1&amp;lang=es" lang="es" hreflang="es">Español</a>');
    expect(body).toContain('<a href="tel:+15550100199">');
  });
});

test('the checker of pages finds the faults that it is there for', () => {
  const page = (inner: string) => htmlFaults(`<!doctype html>\n<main><h1>A</h1>${inner}</main>`);
  expect(page('<p>fine</p>')).toEqual([]);
  for (const wrong of [
    '<button><input type="checkbox"></button>',
    '<p id="a"></p><p id="a"></p>',
    '<p aria-describedby="gone"></p>',
    '<script>x</script>',
    '<a href="#" onclick="x">a</a>',
    '<p><strong></p></strong>',
    '<h3>skips</h3>',
    '<p>a < b</p>',
    '<p>',
  ]) {
    expect(page(wrong)).not.toEqual([]);
  }
});

test('the consent page tells its parts in the order in which a person decides', async () => {
  const { body } = await site.get('/consent');
  const parts = [
    'signed in as',
    'Not you?',
    'Who is asking',
    'Why it asks',
    'What you share',
    'The app may see',
    'more private',
    'The app may add or change',
    'Always part of sharing',
    'How long',
    'Also when you are not there',
    'What happens next',
    'value="deny"',
    'value="share"',
  ];
  const places = parts.map((part) => body.indexOf(part));
  expect(places).not.toContain(-1);
  expect([...places].sort((a, b) => a - b)).toEqual(places);
});

test('to share and not to share are equal buttons of one form', async () => {
  const { body } = await site.get('/consent');
  const buttons = [...body.matchAll(/<button class="([^"]+)" type="submit" name="decision" value="(\w+)"/g)];
  expect(buttons.map(([, style, value]) => [style, value])).toEqual([
    ['button decide', 'deny'],
    ['button decide', 'share'],
  ]);
});

test('every form that is posted carries the token', async () => {
  for (const name of ['consent', 'my-apps', 'stop-sharing']) {
    const { body } = await site.get(`/${name}`);
    const forms = body.split('<form').slice(1);
    expect(forms.length).toBeGreaterThan(0);
    for (const form of forms) expect(form).toMatch(/name="csrf" value="[\w-]{43}"/);
  }
});

test('the sign-in field takes passkeys by autofill, and nothing is typed (HTML autofill token "webauthn")', async () => {
  expect((await site.get('/sign-in')).body).toContain('autocomplete="username webauthn"');
});

test('the choice of a language is kept in this browser, and the app’s wish yields to it', async () => {
  const { headers } = await site.get('/home?lang=es');
  const cookie = headers['set-cookie']?.find((value) => value.startsWith('postern-language=es')) ?? '';
  expect(cookie).toMatch(/httponly/);
  expect((await site.get('/home', { cookie, 'accept-language': 'en' })).body).toContain('lang="es" dir');
});
