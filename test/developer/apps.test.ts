import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { changeApp } from '../setup/registrations.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { answers, harbor, production, register, sandboxBase, send, textOf } from './portal.ts';

let world: World;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
});
afterAll(() => world.stop());

const read = async (path: string) => textOf((await dana.open(path)).html);
const form = '/developer/apps/new';

test('an app of the sandbox is used at once, without a review', async () => {
  const id = await register(dana, harbor(world));
  expect(await read('/developer')).toContain('Harbor Sandbox Ready Dana Whitfield');
  const patient = await world.patientBrowser();
  const asked = {
    client_id: id,
    aud: sandboxBase(world),
    redirect_uri: 'http://localhost:9999/app',
    scope: 'launch/patient openid patient/Patient.rs',
  };
  const callback = await patient.authorize(authorizationRequest(world, asked).url, { duration: 'once' });
  expect(callback.searchParams.get('code')).not.toBeNull();
});

test('all faults of a description are told at once: in the summary, at each field, with what was typed', async () => {
  const answer = await send(dana, form, form, {
    ...harbor(world),
    name: 'Pays\u202Ebal',
    websiteUrl: 'javascript:alert(1)',
    redirectUris: 'https://harbor.example/a\nhttps://*.harbor.example/b',
    audiences: 'https://elsewhere.example/fhir',
    purposes: 'ETREAT',
    maxConsentDays: '4000',
    'useCase.endsAt': '2020-01-01',
    action: 'save',
  });
  expect(answer.status).toBe(422);
  const html = await answer.text();
  expect(textOf(html)).toContain('7 things need to be corrected');
  for (const field of ['name', 'websiteUrl', 'redirectUris', 'audiences', 'purposes', 'maxConsentDays']) {
    expect(html).toContain(`href="#field-${field}"`);
    expect(html).toContain(`id="field-${field}-fault"`);
  }
  expect(html).toContain('https://*.harbor.example/b</textarea>');
});

test('a form full of nonsense is refused with its faults, never an error', async () => {
  const { html } = await dana.open(form);
  const names = [...html.matchAll(/ name="([^"]+)"/g)].map(([, name]) => name ?? '');
  for (const nonsense of ['\u0000', '<b>', '999999999999', 'x'.repeat(700)]) {
    const fields = Object.fromEntries(names.map((name) => [name, nonsense]));
    const answer = await send(dana, form, form, { ...fields, action: 'save', csrf: [] });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('class="fault-summary"');
  }
});

describe('the scope builder and the preview', () => {
  test('ticked boxes become scopes, and nothing is saved', async () => {
    const before = await world.store.prisma.app.count();
    const ticked = ['launch-patient', 'Condition.view', 'laboratory.view'];
    const answer = await send(dana, form, form, {
      ...harbor(world),
      scopeCeiling: '',
      'builder.box': ticked,
      action: 'build',
    });
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toMatch(
      /name="scopeCeiling"[^>]*>\s*launch\/patient patient\/Condition\.rs patient\/Observation\.rs\?/,
    );
    expect(await world.store.prisma.app.count()).toBe(before);
  });

  test('the preview says what the patient would read, and cannot be decided', async () => {
    const answer = await send(dana, form, '/developer/preview', {
      ...harbor(world),
      name: '<b>Harbor</b>',
      scopeCeiling: 'patient/Condition.rs',
    });
    const html = await answer.text();
    expect(textOf(html)).toMatch(/Share your health record with <b>Harbor<\/b>\?.*Health problems/);
    expect(html).toContain('<fieldset disabled>');
    expect(html).not.toContain('<b>');
  });

  test('a backend service asks no patient, so it has no preview', async () => {
    const answer = await send(dana, form, '/developer/preview', { ...harbor(world), kind: 'backend' });
    expect(textOf(await answer.text())).toContain('No patient is asked');
  });
});

describe('the way to production', () => {
  test('what is missing is listed whole, each linked to its place; nothing can be submitted before', async () => {
    const { redirectUris, audiences, environment } = production(world);
    const id = await register(dana, {
      ...harbor(world),
      redirectUris: redirectUris ?? '',
      audiences: audiences ?? '',
      environment: environment ?? '',
    });
    const { html } = await dana.open(`/developer/apps/${id}/submit`);
    expect(html).toContain(`href="/developer/apps/${id}/edit?check=1#field-useCase.basis"`);
    expect(html).toContain(`href="/developer/apps/${id}/edit?check=1#field-dataUse.ai.answer"`);
    expect(html).toContain(`href="/developer/apps/${id}/people"`);
    expect(html).not.toContain('name="revisionId"');
    const checked = await dana.open(`/developer/apps/${id}/edit?check=1`);
    expect(checked.html).toContain('id="field-useCase.basis-fault"');
    const { revisionId } = await world.store.prisma.app.findUniqueOrThrow({ where: { id } });
    const path = `/developer/apps/${id}/submit`;
    const answer = await send(dana, path, path, { revisionId: revisionId ?? '' });
    expect(answer.headers.get('location')).toBe(path);
    expect(await world.store.prisma.review.count({ where: { appId: id } })).toBe(0);
  });

  test('a whole description is submitted, shown as in review, and can be withdrawn', async () => {
    const id = await register(dana, production(world));
    const path = `/developer/apps/${id}`;
    await send(dana, `${path}/people`, `${path}/people`, {
      ownerId: 'dana-whitfield',
      backupOwnerId: 'miguel-santos',
    });
    const submit = await dana.open(`${path}/submit`);
    const revisionId = /name="revisionId" value="([^"]+)"/.exec(submit.html)?.[1] ?? '';
    expect(textOf(submit.html)).toMatch(/What it says .*Redirect URIs .*harbor\.example\/app/);
    const answer = await send(dana, path, `${path}/submit`, { revisionId });
    expect(answer.headers.get('location')).toBe(`${path}?done=submitted`);
    expect(await read(path)).toMatch(/In review .*Submitted for review Revision 1 /);
    await send(dana, path, `${path}/withdraw`);
    expect(await read(path)).toMatch(/Not submitted .*Submission withdrawn/);
  });

  test('an edit keeps what the form does not show: the logo', async () => {
    const id = await register(dana, harbor(world));
    const path = `/developer/apps/${id}/edit`;
    await world.store.prisma.logo.create({ data: { id: 'ab'.repeat(32), png: new Uint8Array([137]) } });
    await changeApp(world, id, { logoId: 'ab'.repeat(32) });
    const { html } = await dana.open(path);
    const logoId = /name="logoId" value="([^"]*)"/.exec(html)?.[1] ?? '';
    await send(dana, path, path, { ...harbor(world), logoId, name: 'Harbor Two', action: 'save' });
    const app = await world.store.prisma.app.findUniqueOrThrow({
      where: { id },
      include: { revision: true },
    });
    expect(app.revision).toMatchObject({ name: 'Harbor Two', logoId: 'ab'.repeat(32) });
  });

  test('an edit of an approved app is a draft with its difference: the live revision stays', async () => {
    const path = `/developer/apps/${world.clientId}`;
    const before = await world.store.prisma.app.findUniqueOrThrow({ where: { id: world.clientId } });
    const fields = { ...production(world), ...answers, name: 'Lantern Health Plus' };
    const saved = await send(dana, `${path}/edit`, `${path}/edit`, { ...fields, action: 'save' });
    expect(saved.headers.get('location')).toBe(`${path}?done=revision-saved`);
    const text = await read(path);
    expect(text).toMatch(/What the newest revision changes .*Name .*Lantern Health .*Lantern Health Plus/);
    const after = await world.store.prisma.app.findUniqueOrThrow({ where: { id: world.clientId } });
    expect(after.revisionId).toBe(before.revisionId);
  });
});
