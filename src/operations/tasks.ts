import type { Config } from '../config.ts';
import { createMailSender } from '../outside/mail.ts';
import { createSafeFetch } from '../outside/safe-fetch.ts';
import { createWebhookSender } from '../outside/webhook.ts';
import { findUnreviewed } from '../registry/break-glass-decisions.ts';
import { runCampaigns } from '../registry/campaign-rounds.ts';
import { tellEndedLevels } from '../store/assurance-levels.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';
import { createMessages } from '../web/messages.ts';
import { remindOfEnds } from './consent-reminders.ts';
import { watchContracts } from './contract-tasks.ts';
import { warnOfEndingKeys } from './key-warnings.ts';
import { seeToLeavings } from './leavings.ts';
import { proving } from './offboarding-task.ts';
import { contactKey, registryKey } from './secret.ts';
import { type OutboxDeps, sendOutbox } from './send-outbox.ts';
import type { Task } from './timers.ts';

export interface TaskOptions {
  readonly config: Config;
  readonly secret: string;
  readonly store: Store;
  readonly log: Log;
  readonly views: string;
}

export function createTasks({ config, secret, store, log, views }: TaskOptions): Task[] {
  const { issuer, operatorName, allowLoopbackFetch: allowLoopback } = config;
  const outbox: OutboxDeps = {
    ...{ store, log, issuer, operatorName },
    messages: createMessages(views),
    sendMail: createMailSender(config),
    postWebhook: createWebhookSender(createSafeFetch({ allowLoopback })),
    sealKey: registryKey(secret),
    contactKey: contactKey(secret),
  };
  return [
    { name: 'key warnings', everyMs: 60_000, run: () => warnOfEndingKeys({ store, log }) },
    { name: 'contracts', everyMs: 60_000, run: () => watchContracts({ store, log }) },
    { name: 'leavings', everyMs: 60_000, run: () => seeToLeavings({ store, log }) },
    { name: 'consent reminders', everyMs: 60_000, run: () => remindOfEnds({ store, log }) },
    { name: 'break-glass reviews', everyMs: 60_000, run: () => findUnreviewed(store) },
    { name: 'offboardings', everyMs: 2_000, run: proving({ config, secret, store, log }) },
    { name: 'campaigns', everyMs: 60_000, run: () => runCampaigns({ store, log }) },
    { name: 'assurance levels', everyMs: 60_000, run: () => tellEndedLevels(store) },
    { name: 'outbox', everyMs: 5_000, run: (stopping) => sendOutbox(outbox, stopping) },
  ];
}
