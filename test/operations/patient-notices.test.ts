import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { contactKey } from '../../src/operations/secret.ts';
import { confirmWithCode, dropAddress, proposeAddress } from '../../src/registry/patient-addresses.ts';
import { kindOfNotice, type PatientNotice, tellPatient } from '../../src/registry/patient-notices.ts';
import { cutOff } from '../../src/store/cut-offs.ts';
import { keepLocale, muteNotices } from '../../src/store/patient-contacts.ts';
import { locales } from '../../src/web/locale.ts';
import { createMessages } from '../../src/web/messages.ts';
import { APP, createNoticeWorld, type NoticeWorld, ORGANIZATION } from '../setup/notice-world.ts';

const DAY_MS = 86_400_000;
const KEY = contactKey('a secret of the tests, which is long enough');
let world: NoticeWorld;
let ana: string;

const subjects = () =>
  world.smtp.mails.map(({ to, headers }) => `${String(to).split('@')[0]}: ${headers.subject}`).sort();

async function sent(): Promise<string[]> {
  world.smtp.mails.length = 0;
  await world.round();
  return subjects();
}

async function patient(address?: string): Promise<string> {
  const id = randomUUID();
  await world.store.prisma.patient.create({ data: { id, name: 'Ana', userHandle: randomUUID() } });
  if (address !== undefined) await confirmed(id, address);
  return id;
}

async function confirmed(patientId: string, address: string): Promise<void> {
  const [id, now] = [randomUUID(), new Date()];
  await world.store.prisma.patientAddress.create({
    data: { id, patientId, address, createdBy: 'cli', confirmBy: now, confirmedAt: now },
  });
}

const tell = (notice: Pick<PatientNotice, 'type' | 'values'>, patientId = ana) =>
  world.store.prisma.$transaction((tx) => tellPatient(tx, { ...notice, patientId } as PatientNotice));
const added = { type: 'patient.passkey_added', values: {} } as const;
const paused = { type: 'patient.app_paused', values: { app: 'Lantern' } } as const;

const consent = (days: number, changes: object = {}) =>
  world.store.prisma.consent.create({
    data: {
      ...{ id: randomUUID(), grantId: randomUUID(), accountId: ana, patientId: ana, appId: APP },
      ...{ organizationId: ORGANIZATION, audience: 'https://fhir.example', purpose: 'PATRQT', locale: 'en' },
      ...{ requestedScope: 'patient/*.rs', grantedScope: 'patient/*.rs', choices: [], launchContext: {} },
      decidedAt: new Date(),
      expiresAt: new Date(Date.now() + days * DAY_MS),
      ...changes,
    },
  });

describe.each(['embedded', 'postgresql'] as const)('on %s', (kind) => {
  beforeAll(async () => {
    world = await createNoticeWorld(kind);
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    ana = await patient('ana@mail.example');
    await keepLocale(world.store, ana, 'en');
  });

  test('mail is in the language that she read last; while none is known, in each', async () => {
    await tell(added);
    expect(await sent()).toEqual(['ana: A new passkey was added']);
    expect(world.smtp.mails[0]?.body).not.toContain('llave');
    await keepLocale(world.store, ana, 'es');
    await tell(added);
    expect(await sent()).toEqual([expect.stringMatching(/^ana: .*(llave|=\?UTF-8)/)]);
    const unknown = await patient('una@mail.example');
    await tell(added, unknown);
    expect(await sent()).toEqual(['una: A new passkey was added']);
    expect(world.smtp.mails[0]?.body).toContain('llave de acceso');
  });

  test('what she does not want by mail is kept for her page all the same; her safety cannot be switched off', async () => {
    await muteNotices(world.store, ana, ['apps', 'reminders']);
    await tell(paused);
    expect(await sent()).toEqual([]);
    expect(await world.store.prisma.patientNotice.count({ where: { patientId: ana } })).toBe(1);
    await tell(added);
    await tell(added, 'an-ehr-user');
    expect(await sent()).toEqual(['ana: A new passkey was added']);
    await expect(muteNotices(world.store, ana, ['safety'])).rejects.toThrow();
  });

  test('a new address counts once the code that was mailed there is typed in; each address hears of a change', async () => {
    const id = (await proposeAddress(world.store, ana, 'new@mail.example')) as string;
    await tell(added);
    expect((await sent()).map((line) => line.replace(/ is .*/, ''))).toEqual([
      ...['ana: A new passkey was added', 'new: Your code'],
    ]);
    const mail = world.smtp.mails.find(({ to }) => String(to).startsWith('new@'));
    const code = /Your code is ([0-9A-Z-]+)/.exec(mail?.headers.subject ?? '')?.[1] ?? '';
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(JSON.stringify(await world.store.prisma.outboxMessage.findMany())).not.toContain(code);

    const given = { patientId: ana, addressId: id, code };
    const other = await patient();
    expect(await confirmWithCode(world.store, KEY, { ...given, code: '0000-0000' })).toBe(false);
    expect(await confirmWithCode(world.store, KEY, { ...given, patientId: other })).toBe(false);
    const typed = { ...given, code: code.toLowerCase().replace('-', ' ') };
    const both = await Promise.all([typed, typed].map((one) => confirmWithCode(world.store, KEY, one)));
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await sent()).toEqual(['ana: An address was added', 'new: An address was added']);

    expect(await dropAddress(world.store, other, id)).toBe(false);
    expect(await dropAddress(world.store, ana, id)).toBe(true);
    expect(await sent()).toEqual(['ana: An address was removed', 'new: An address was removed']);
    await tell(added);
    expect(await sent()).toEqual(['ana: A new passkey was added']);
  });

  test('a code is good for a day and five tries, and for three addresses', async () => {
    const [late, guessed] = [
      await proposeAddress(world.store, ana, 'late@mail.example'),
      await proposeAddress(world.store, ana, 'guessed@mail.example'),
    ] as [string, string];
    expect(await proposeAddress(world.store, ana, 'fourth@mail.example')).toBeUndefined();
    expect(await proposeAddress(world.store, ana, 'ANA@mail.example')).toBeUndefined();
    await sent();
    const codeTo = (name: string) =>
      /code is ([0-9A-Z-]+)/.exec(
        world.smtp.mails.find(({ to }) => String(to).startsWith(`${name}@`))?.headers.subject ?? '',
      )?.[1] ?? '';
    const codes = { late: codeTo('late'), guessed: codeTo('guessed') };
    const tryCode = (addressId: string, code: string) =>
      confirmWithCode(world.store, KEY, { patientId: ana, addressId, code });
    await Promise.all(Array.from({ length: 8 }, () => tryCode(guessed, '1111-1111')));
    expect(await tryCode(guessed, codes.guessed)).toBe(false);
    world.clock.advance(DAY_MS + 1_000);
    expect(await tryCode(late, codes.late)).toBe(false);
  });

  test('the end of sharing is told a week before and when it is there, once each, on many instances', async () => {
    const other = kind === 'postgresql' ? await world.another() : world.store;
    await consent(30);
    const heard: [number, string[]][] = [];
    let left = 30;
    for (const next of [7.1, 6.9, 6.8, 0.1, -0.1, -0.2, -20]) {
      world.clock.advance(Math.round((left - next) * DAY_MS));
      left = next;
      world.smtp.mails.length = 0;
      await Promise.all([world.round(), world.round(other)]);
      heard.push([next, subjects().map((line) => line.replace(/on \w+ \d+, \d+$/, 'on a day'))]);
    }
    const [soon, over] = ['ana: Sharing with Lantern ends on a day', 'ana: Sharing with Lantern has ended'];
    expect(heard).toEqual([
      ...[
        [7.1, []],
        [6.9, [soon]],
        [6.8, []],
        [0.1, []],
      ],
      ...[
        [-0.1, [over]],
        [-0.2, []],
        [-20, []],
      ],
    ]);
  });

  test('who may act for her no more hears of no end, and nobody of what the network ended', async () => {
    const { prisma } = world.store;
    const rosa = await patient('rosa@mail.example');
    await keepLocale(world.store, rosa, 'en');
    const right = async (endsIn: number) => {
      const [id, startsAt] = [randomUUID(), new Date(Date.now() - DAY_MS)];
      const endedAt = new Date(Date.now() + endsIn * DAY_MS);
      const about = { id, startsAt, representativeId: rosa, patientId: ana, relationship: 'parent' };
      await prisma.representation.create({ data: { ...about, endsAt: endedAt } });
      return { accountId: rosa, representationId: id, expiresAt: endedAt };
    };
    await consent(20, { ...(await right(10)), expiresAt: new Date(Date.now() + 20 * DAY_MS) });
    await consent(21, { ...(await right(21)), purpose: 'TREAT' });
    await consent(22, { purpose: 'HOPERAT' });
    const cut = {
      kind: 'purpose',
      subjectIds: ['HOPERAT'],
      endsGrants: true,
      cause: 'access.cut_off',
    } as const;
    await prisma.$transaction((tx) => cutOff(tx, world.store, cut));
    world.clock.advance(15 * DAY_MS);
    const soon = await sent();
    expect(soon.map((line) => line.replace(/ on .*/, ''))).toEqual(
      ['ana', 'rosa'].map((name) => `${name}: Sharing with Lantern ends`),
    );
    world.clock.advance(7 * DAY_MS);
    expect(await sent()).toEqual(['ana: Sharing with Lantern has ended']);
    const where = { type: 'patient.sharing_expired', patientId: ana };
    const { values } = await prisma.patientNotice.findFirstOrThrow({ where });
    expect(values).toMatchObject({ receipt: expect.stringMatching(/^[\w-]+-expired$/) });
  });

  test('nothing is told of what was stopped, was for a moment, or goes on under a newer agreement', async () => {
    await consent(30, { withdrawnAt: new Date(), withdrawnBy: 'patient' });
    await consent(0.5);
    await consent(20, { accountId: 'an-ehr-user', patientId: null });
    await consent(20);
    await consent(90);
    world.clock.advance(15 * DAY_MS);
    expect(await sent()).toEqual([]);
    world.clock.advance(6 * DAY_MS);
    expect(await sent()).toEqual([]);
  });
});

const SAMPLE = { app: 'Lantern', endsOn: 'a day', receipt: '17', on: 'a day', code: 'ABCD-EFGH' };

test('every notice to a patient has its text in every language, and no text is without its notice', () => {
  const messages = createMessages('views');
  const types = [...Object.keys(kindOfNotice), 'patient.address_code'];
  for (const locale of locales) {
    for (const type of types) {
      for (const part of ['subject', 'text'])
        expect(messages.translator(locale)(`mail.${type}.${part}`, SAMPLE)).not.toContain('{');
    }
  }
  const told = messages.keys().flatMap((key) => /^mail\.(patient\..+)\.subject$/.exec(key)?.[1] ?? []);
  expect(told.sort()).toEqual(types.sort());
});
