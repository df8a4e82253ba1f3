// An organization with an app and its people, over a real database, with a mail server and a webhook receiver: what the
// timers of a process do is done here by hand, one round at a time.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import { registryKey } from '../../src/operations/secret.ts';
import { createTasks } from '../../src/operations/tasks.ts';
import { announce, type Notice } from '../../src/registry/notices.ts';
import { systemClock } from '../../src/store/clock.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { newWebhookSecret, sealWebhookSecret } from '../../src/store/webhooks.ts';
import { createLog } from '../../src/web/log.ts';
import { type MovableClock, movableClock } from './clock.ts';
import { createDatabase } from './database.ts';
import { createSmtpServer, type SmtpServer } from './smtp-server.ts';
import { createWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';
import type { DatabaseKind } from './world.ts';

export const ORGANIZATION = 'org-lantern';
export const APP = 'app-lantern';
const SECRET = 'a secret of the tests, which is long enough';
const log = createLog('silent');

export interface NoticeWorld {
  readonly store: Store;
  readonly clock: MovableClock;
  readonly smtp: SmtpServer;
  readonly receiver: WebhookReceiver;
  readonly webhookSecret: string;
  person(id: string, changes?: { leftAt?: Date; role?: string; email?: string }): Promise<void>;
  announce(notice: Notice): Promise<void>;
  /** What every process does from time to time, once; over a second connection as another process would. */
  round(as?: Store): Promise<void>;
  another(): Promise<Store>;
  stop(): Promise<void>;
}

export async function createNoticeWorld(kind: DatabaseKind): Promise<NoticeWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-notices-'));
  const database = kind === 'postgresql' ? await createDatabase() : undefined;
  const [smtp, receiver, clock] = [await createSmtpServer(), await createWebhookReceiver(), movableClock()];
  const config = readConfig({
    ...{ POSTERN_DATA_DIR: directory, POSTERN_SECRET: SECRET, POSTERN_OPERATOR: 'Riverside Health Network' },
    ...{ POSTERN_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, POSTERN_MAIL_FROM: 'postern@riverside.example' },
    ...{ POSTERN_ALLOW_LOOPBACK_FETCH: 'true' },
    ...(database === undefined ? {} : { DATABASE_URL: database.url }),
  });
  const open = () =>
    openStore(config.database, {
      ...{ migrations: 'prisma/migrations', report: () => undefined },
      // The embedded database reads this process's Date, which the clock has moved already.
      clock: kind === 'embedded' ? systemClock() : clock,
    });
  const store = await open();
  const opened = [store];
  const webhookSecret = newWebhookSecret();
  const { prisma } = store;
  await prisma.organization.create({
    data: {
      ...{ id: ORGANIZATION, legalName: 'Lantern Health, Inc.', webhookUrl: receiver.url },
      sealedWebhookSecret: sealWebhookSecret(registryKey(SECRET), ORGANIZATION, webhookSecret),
    },
  });
  const person: NoticeWorld['person'] = async (id, { leftAt, role = 'developer', email } = {}) => {
    const row = { id, name: id, email: email ?? `${id}@lantern.example`, userHandle: randomUUID(), leftAt };
    await prisma.person.create({
      data: {
        ...row,
        organizationId: ORGANIZATION,
        roles: { create: { id: randomUUID(), role, grantedBy: 'cli' } },
      },
    });
  };
  await person('dana', { role: 'owner' });
  await person('ben');
  await prisma.app.create({
    data: { id: APP, organizationId: ORGANIZATION, ownerId: 'dana', backupOwnerId: 'ben' },
  });
  await prisma.appRevision.create({
    data: {
      ...{ id: 'rev-1', appId: APP, number: 1, createdBy: 'dana', name: 'Lantern', profile: 'smart' },
      ...{ purposeStatement: 'To show you your results.', websiteUrl: 'https://lantern.example' },
      ...{ authMethod: 'none', scopeCeiling: 'patient/Observation.rs', maxConsentDays: 90 },
    },
  });
  await prisma.app.update({ where: { id: APP }, data: { revisionId: 'rev-1' } });

  return {
    ...{ store, clock, smtp, receiver, webhookSecret, person },
    announce: (notice) => prisma.$transaction((tx) => announce(tx, notice)),
    round: async (as = store) => {
      const tasks = createTasks({ config, secret: SECRET, store: as, log, views: 'views' });
      for (const task of tasks) await task.run({ asked: false, cut: new AbortController().signal });
    },
    another: async () => {
      const other = await open();
      opened.push(other);
      return other;
    },
    stop: async () => {
      for (const each of opened) await each.close();
      await database?.drop();
      clock.restore();
      await Promise.all([smtp.stop(), receiver.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
