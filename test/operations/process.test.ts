// The timers of a real process: they send by themselves, lose nothing when it is killed, and do not keep it alive.
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { announce } from '../../src/registry/notices.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { createSmtpServer, type SmtpServer } from '../setup/smtp-server.ts';
import { until } from '../setup/until.ts';

let smtp: SmtpServer;
let world: ProcessWorld;

beforeEach(async () => {
  smtp = await createSmtpServer();
});
afterEach(async () => {
  await world.stop();
  await smtp.stop();
});

async function start(settings: Readonly<Record<string, string>>): Promise<void> {
  world = await createProcessWorld('postgresql', { POSTERN_DEMO: 'false', ...settings });
  await world.store.prisma.organization.create({
    data: {
      ...{ id: 'org-lantern', legalName: 'Lantern Health, Inc.' },
      people: {
        create: {
          ...{ id: 'dana', name: 'Dana', email: 'dana@lantern.example', userHandle: randomUUID() },
          roles: { create: { id: randomUUID(), role: 'owner', grantedBy: 'cli' } },
        },
      },
    },
  });
}
const overSmtp = () => ({
  POSTERN_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
  POSTERN_MAIL_FROM: 'postern@riverside.example',
});

async function invited(): Promise<string> {
  await world.store.prisma.$transaction((tx) =>
    announce(tx, { type: 'person.invited', organizationId: 'org-lantern', values: { person: 'Ben' } }),
  );
  return (await world.store.prisma.outboxMessage.findFirstOrThrow()).id;
}

const sent = async () => (await world.store.prisma.outboxMessage.count({ where: { sentAt: null } })) === 0;

test('without a mail server a notice becomes a file in the data directory', async () => {
  await start({});
  const id = await invited();
  await until(sent);
  const directory = join(world.environment.POSTERN_DATA_DIR ?? '', 'outbox');
  expect(await readdir(directory)).toEqual([`${id}.eml`]);
});

test('a process that is killed while it hands a mail over loses nothing: the next one sends it', async () => {
  await start(overSmtp());
  smtp.answers.DATA = undefined;
  const id = await invited();
  await until(() => smtp.heard.includes('DATA'));
  smtp.answers = {};
  await world.restart('SIGKILL');
  expect(await world.store.prisma.outboxMessage.findFirst()).toMatchObject({ id, tries: 1, sentAt: null });
  // The minute that the next try is put off.
  await world.store.prisma.outboxMessage.update({ where: { id }, data: { nextTryAt: new Date(0) } });
  await until(sent);
  expect(smtp.mails.map(({ to, headers }) => [to, headers['message-id']])).toEqual([
    [['dana@lantern.example'], `<${id}@localhost>`],
  ]);
});

test('a mail server that never answers does not keep a process from stopping by itself, and the mail stays', async () => {
  await start(overSmtp());
  smtp.answers.CONNECT = undefined;
  const id = await invited();
  await until(() => smtp.connections > 0);
  expect(await world.server().kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await world.store.prisma.outboxMessage.findFirst()).toMatchObject({
    id,
    sentAt: null,
    failedAt: null,
  });
});
