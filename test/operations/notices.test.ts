import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { announce, type Notice, type NoticeType } from '../../src/registry/notices.ts';
import { locales } from '../../src/web/locale.ts';
import { createMessages } from '../../src/web/messages.ts';
import { APP, createNoticeWorld, type NoticeWorld, ORGANIZATION } from '../setup/notice-world.ts';
import { isSignedWith } from '../setup/webhook-receiver.ts';

let world: NoticeWorld;

const refused: Notice = {
  ...{ type: 'app.refused', organizationId: ORGANIZATION, appId: APP },
  values: { reason: 'The app {app} keeps data for ever.' },
};
const yesterday = () => new Date(Date.now() - 86_400_000);
const recipients = () => world.smtp.mails.flatMap(({ to }) => to).sort();

/** Tells it and sends it; answers with who got a mail. */
async function told(notice: Partial<Notice> = {}): Promise<string[]> {
  await world.announce({ ...refused, ...notice } as Notice);
  await world.round();
  return recipients();
}

describe.each(['embedded', 'postgresql'] as const)('on %s', (kind) => {
  beforeEach(async () => {
    world = await createNoticeWorld(kind);
  });
  afterEach(() => world.stop());

  test('owner and backup owner get one mail each, in every language of ours, and the webhook one posting', async () => {
    expect(await told()).toEqual(['ben@lantern.example', 'dana@lantern.example']);
    const [{ headers, body }] = world.smtp.mails as [NoticeWorld['smtp']['mails'][0]];
    expect(headers.subject).toBe('Lantern was refused');
    expect(body).toContain('The reason: The app {app} keeps data for ever.');
    expect(body).toContain('El motivo: The app {app} keeps data for ever.');
    expect(body).toContain('Riverside Health Network: http://localhost:3000');

    expect(world.receiver.posted).toHaveLength(1);
    const [posted] = world.receiver.posted as [NoticeWorld['receiver']['posted'][0]];
    expect(isSignedWith(world.webhookSecret, posted)).toBe(true);
    expect(JSON.parse(posted.body)).toEqual({
      type: 'app.refused',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        ...{ organizationId: ORGANIZATION, appId: APP, organization: 'Lantern Health, Inc.', app: 'Lantern' },
        reason: 'The app {app} keeps data for ever.',
      },
    });
  });

  test('what is rolled back was never told', async () => {
    const given = world.store.prisma.$transaction(async (tx) => {
      await announce(tx, refused);
      throw new Error('the change failed');
    });
    await expect(given).rejects.toThrow('the change failed');
    await world.round();
    expect([world.smtp.connections, world.receiver.posted]).toEqual([0, []]);
  });
});

const SAMPLES: { readonly [Type in NoticeType]: Extract<Notice, { readonly type: Type }>['values'] } = {
  'app.registered': { environment: 'sandbox' },
  'app.submitted': { revision: '2' },
  'app.approved': { attestationDue: '2027-12-31' },
  'app.refused': { reason: 'why' },
  'app.changes_asked': { reason: 'why' },
  'app.suspended': { reason: 'why' },
  'app.resumed': { reason: 'why' },
  'app.offboarded': { reason: 'why' },
  'app.restricted.narrow': { kind: 'narrow', scopes: 'patient/*.rs', key: '', reason: 'why' },
  'app.restricted.quarantine': { kind: 'quarantine', scopes: '', key: '', reason: 'why' },
  'app.restricted.key': { kind: 'quarantine', scopes: '', key: 'key-1', reason: 'why' },
  'app.restricted.step_up': { kind: 'step_up', scopes: '', key: '', reason: 'why' },
  'app.restriction_lifted': { kind: 'narrow', scopes: 'patient/*.rs', reason: 'why' },
  'attestation.asked': { dueOn: '2027-12-31', reason: 'why' },
  'attestation.awaited': { dueOn: '2027-12-31' },
  'finding.raised': { finding: 'f1', kind: 'dormant_app', figures: 'unused_days: 100 (90)' },
  'owner.assigned': { owner: 'Dana' },
  'change.recorded': { kind: 'vendor', scopes: 'patient/*.rs' },
  'key.added': { key: 'k1', endsOn: '2027-12-31' },
  'key.ended': { key: 'k1', endsOn: '2027-12-31' },
  'key.expiring': { key: 'k1', endsOn: '2027-12-31', days: '7' },
  'secret.expiring': { key: 's1', endsOn: '2027-12-31', days: '7' },
  'contract.ending': { contract: 'A 1', endsOn: '2027-12-31', days: '60' },
  'transfer.proposed': { to: 'Beacon' },
  'transfer.accepted': { to: 'Beacon' },
  'transfer.declined': { to: 'Beacon' },
  'transfer.completed': { to: 'Beacon', credentialsEndOn: '2027-12-31' },
  'delegation.asked': { platform: 'Beacon', behind: 'Lantern', reason: '' },
  'delegation.accepted': { platform: 'Beacon', behind: 'Lantern', reason: '' },
  'delegation.ended': { platform: 'Beacon', behind: 'Lantern', reason: 'why' },
  'attestation.due': { dueOn: '2027-12-31' },
  'access.cut_off': { subject: 'Lantern', reason: 'why' },
  'person.invited': { person: 'Dana' },
  'person.passkey_added': { person: 'Dana' },
  'owner.leaving': { owner: 'Dana', leavesOn: '2027-12-31', apps: 'Lantern, Beacon' },
};

test('every notice has its text in every language, and no text is without its notice', () => {
  const messages = createMessages('views');
  const names = { app: 'Lantern', organization: 'Lantern Health, Inc.' };
  for (const locale of locales) {
    for (const [type, values] of Object.entries(SAMPLES)) {
      for (const part of ['subject', 'text']) {
        expect(messages.translator(locale)(`mail.${type}.${part}`, { ...names, ...values })).not.toContain(
          '{',
        );
      }
    }
  }
  const told = messages.keys().flatMap((key) => /^mail\.(.+)\.subject$/.exec(key)?.[1] ?? []);
  const toOwners = told.filter(
    (type) => !/^(patient\.|break_glass\.|finding\.(opened|found|answered)$)/.test(type),
  );
  expect(toOwners.sort()).toEqual(Object.keys(SAMPLES).sort());
});

describe('who hears of it', () => {
  beforeEach(async () => {
    world = await createNoticeWorld('postgresql');
  });
  afterEach(() => world.stop());
  const update = (id: string, data: object) => world.store.prisma.person.update({ where: { id }, data });

  test('who has left does not, and the other one still does', async () => {
    await update('dana', { leftAt: yesterday() });
    expect(await told()).toEqual(['ben@lantern.example']);
  });

  test('when nobody who answers for the app is left, it is the owners of the organization', async () => {
    for (const id of ['dana', 'ben']) await update(id, { leftAt: yesterday() });
    await world.person('olga', { role: 'owner' });
    await world.person('gone', { role: 'owner', leftAt: yesterday() });
    await world.person('former', { role: 'owner' });
    await world.store.prisma.personRole.updateMany({
      where: { personId: 'former' },
      data: { endedAt: yesterday() },
    });
    expect(await told()).toEqual(['olga@lantern.example']);
  });

  test('what is about no app goes to the owners of the organization', async () => {
    const invited = { type: 'person.invited', appId: undefined, values: { person: 'Ben' } } as const;
    expect(await told(invited)).toEqual(['dana@lantern.example']);
    expect(world.smtp.mails[0]?.headers.subject).toBe('Ben is invited to work for Lantern Health, Inc.');
  });

  test('others who are named hear of it as well, and nobody twice', async () => {
    await world.person('rita', { email: 'rita@riverside.example' });
    expect(await told({ also: ['rita', 'dana', 'nobody'] })).toEqual([
      ...['ben@lantern.example', 'dana@lantern.example', 'rita@riverside.example'],
    ]);
  });

  test('an organization without a webhook gets mail only', async () => {
    await world.store.prisma.organization.updateMany({
      data: { webhookUrl: null, sealedWebhookSecret: null },
    });
    expect(await told()).toHaveLength(2);
    expect(world.receiver.posted).toEqual([]);
    expect(await world.store.prisma.outboxMessage.count({ where: { sentAt: null } })).toBe(0);
  });
});
