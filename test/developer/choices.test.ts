// What a description chooses from: subprocessors by name, contracts of the own organization; and when credentials end.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { harbor, production, register, send, textOf } from './portal.ts';

let world: World;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
});
afterAll(() => world.stop());

const form = '/developer/apps/new';
const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

/** The organizations that the first select of subprocessors offers, the chosen one marked. */
function offered(html: string): string[] {
  const select = /<select id="field-subprocessors\.organizationId"[\s\S]*?<\/select>/.exec(html)?.[0] ?? '';
  return [...select.matchAll(/<option value="([^"]*)"( selected)?>/g)].map(
    ([, value, chosen]) => `${value}${chosen === undefined ? '' : ' *'}`,
  );
}

describe('subprocessors', () => {
  test('are chosen by name, and the description shows their names', async () => {
    expect(offered((await dana.open(form)).html)).toEqual([' *', 'cumulus-hosting', 'prism-analytics']);
    const chosen = {
      'subprocessors.organizationId': ['prism-analytics', ''],
      'subprocessors.service': ['analytics', 'hosting'],
    };
    const id = await register(dana, { ...production(world), ...chosen });
    const { html } = await dana.open(`/developer/apps/${id}/edit`);
    expect(offered(html)).toEqual(['', 'prism-analytics *', 'cumulus-hosting']);
    const submit = textOf((await dana.open(`/developer/apps/${id}/submit`)).html);
    expect(submit).toContain('Prism Analytics, Inc.: analytics');
  });

  test('are searched; what was chosen before stays chosen, and nothing is saved', async () => {
    const before = await world.store.prisma.app.count();
    const asked = { ...harbor(world), 'subprocessors.organizationId': 'prism-analytics' };
    const search = (text: string) =>
      send(dana, form, form, { ...asked, 'subprocessors.search': text, action: 'find-subprocessors' });
    expect(offered(await (await search('cumu')).text())).toEqual([
      '',
      'prism-analytics *',
      'cumulus-hosting',
    ]);
    const none = await (await search('nobody')).text();
    expect(offered(none)).toEqual(['', 'prism-analytics *']);
    expect(textOf(none)).toContain('No subprocessor of that name');
    expect(await world.store.prisma.app.count()).toBe(before);
  });

  test('are those that are recorded as such and may be named from now on', async () => {
    const { prisma } = world.store;
    const put = (id: string, data: object) =>
      prisma.organization.create({ data: { id, legalName: id, kind: 'subprocessor', ...data } });
    await put('gone-hosting', { offboardedAt: new Date() });
    await put('stopped-hosting', { suspendedAt: new Date() });
    expect(offered((await dana.open(form)).html)).toEqual([' *', 'cumulus-hosting', 'prism-analytics']);
    const unknown = { ...harbor(world), 'subprocessors.organizationId': 'nowhere' };
    const refused = await (await send(dana, form, form, { ...unknown, action: 'save' })).text();
    expect(refused).toContain('id="subprocessors-fault"');
    expect(offered(refused)).toContain('nowhere *');
  });

  test('when there are more than a page, it says so', async () => {
    const data = Array.from({ length: 51 }, (_, index) => ({
      ...{ id: `host-${index}`, legalName: `Host ${index}`, kind: 'subprocessor' },
    }));
    await world.store.prisma.organization.createMany({ data });
    expect(textOf((await dana.open(form)).html)).toContain('More than these were found');
    await world.store.prisma.organization.deleteMany({ where: { id: { startsWith: 'host-' } } });
  });
});

describe('the contract of a new app in production', () => {
  test('is the one that was chosen of several, those in force alone', async () => {
    const { prisma } = world.store;
    const other = (id: string, endsAt: Date) =>
      prisma.contract.create({
        data: { id, organizationId: 'lantern', reference: id, startsAt: inDays(-2), endsAt },
      });
    await other('lantern-second', inDays(100));
    await other('lantern-old', inDays(-1));
    const { html } = await dana.open(`${form}?environment=production`);
    expect(html).toContain('<option value="lantern-second">');
    expect(html).not.toContain('lantern-old');
    const id = await register(dana, { ...production(world), contractId: 'lantern-second' });
    expect(await prisma.app.findUniqueOrThrow({ where: { id } })).toMatchObject({
      contractId: 'lantern-second',
    });
    const refused = await send(dana, form, form, {
      ...{ ...production(world), contractId: 'lantern-old', action: 'save' },
    });
    expect(await refused.text()).toContain('id="field-contractId-fault"');
    expect((await dana.open(form)).html).not.toContain('name="contractId"');
  });

  test('without one in force the form says so', async () => {
    await world.store.prisma.contract.updateMany({
      ...{ where: { organizationId: 'lantern' }, data: { endsAt: inDays(-1) } },
    });
    const { html } = await dana.open(`${form}?environment=production`);
    expect(textOf(html)).toContain('There is none in force');
    const refused = await send(dana, form, form, { ...production(world), action: 'save' });
    expect(await refused.text()).toMatch(/href="#field-contractId"[\s\S]*id="field-contractId-fault"/);
  });
});

describe('the end of credentials, in the list and on the page of an app', () => {
  const shown = async (id: string, name: string) => {
    const list = (await dana.open('/developer')).html.split('<tr>').find((row) => row.includes(`>${name}<`));
    return [list ?? '', (await dana.open(`/developer/apps/${id}`)).html].map(textOf);
  };
  const key = (appId: string, endsAt: Date, more: object = {}) =>
    world.store.prisma.appKey.create({
      data: { id: randomUUID(), appId, kind: 'secret', createdBy: 'test', endsAt, ...more },
    });

  test('is that of the last one that is not ended', async () => {
    const fields = { ...harbor(world), name: 'Sealed', authMethod: 'client_secret_basic' };
    const id = await register(dana, fields);
    expect(await shown(id, 'Sealed')).toEqual([
      expect.stringMatching(/There is none No credential is left/),
      expect.stringMatching(/Credentials end There is none/),
    ]);
    await key(id, inDays(80), { revokedAt: new Date() });
    await key(id, inDays(5));
    await key(id, inDays(12));
    const end = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(inDays(12));
    const [list, page] = await shown(id, 'Sealed');
    expect(list).toContain(`${end} The last credential ends within 30 days.`);
    expect(page).toContain(`Credentials end ${end}`);
    await key(id, inDays(60));
    expect((await shown(id, 'Sealed'))[0]).not.toContain('ends within');
  });

  test('is not asked of an app that has no secret to keep', async () => {
    const id = await register(dana, { ...harbor(world), name: 'Open' });
    for (const text of await shown(id, 'Open')) expect(text).toContain('None is registered here');
  });
});
