import type { SendMail } from '../outside/mail.ts';
import type { PostWebhook } from '../outside/webhook.ts';
import type { Store } from '../store/database.ts';
import { type ClaimedMessage, claimMessages, markFault, markSent } from '../store/outbox.ts';
import { findWebhook } from '../store/webhooks.ts';
import type { Log } from '../web/log.ts';
import { type MailTextDeps, mailText } from './mail-text.ts';
import type { Stopping } from './timers.ts';

export interface OutboxDeps extends MailTextDeps {
  readonly store: Store;
  readonly sendMail: SendMail;
  readonly postWebhook: PostWebhook;
  /** What webhook secrets were sealed with. */
  readonly sealKey: string;
  readonly log: Log;
}

/** Sent at once; the next ones wait for the slowest of them. */
const AT_ONCE = 8;

/** Sends what is due, until nothing is or a stop is asked for. */
export async function sendOutbox(deps: OutboxDeps, stopping: Stopping): Promise<void> {
  let claimed: readonly ClaimedMessage[];
  do {
    claimed = await claimMessages(deps.store, AT_ONCE);
    await Promise.all(claimed.map((message) => sendOne(deps, message, stopping.cut)));
  } while (claimed.length === AT_ONCE && !stopping.asked);
}

async function sendOne(deps: OutboxDeps, message: ClaimedMessage, cut: AbortSignal): Promise<void> {
  const { store, log } = deps;
  const { id, channel } = message;
  const fault = await sent(deps, message, cut);
  if (fault === undefined) return markSent(store, id);
  const { givenUp } = await markFault(store, message, fault);
  log.warn({ message: id, channel, fault, givenUp }, 'a message was not delivered');
}

async function sent(
  deps: OutboxDeps,
  message: ClaimedMessage,
  cut: AbortSignal,
): Promise<string | undefined> {
  try {
    return await (message.channel === 'mail' ? mailed(deps, message, cut) : posted(deps, message));
  } catch (error) {
    deps.log.error({ err: error as Error, message: message.id }, 'a message could not be written');
    return 'unwritten';
  }
}

function mailed(deps: OutboxDeps, { id, destination, content, createdAt }: ClaimedMessage, cut: AbortSignal) {
  const { subject, text } = mailText(deps, content, createdAt);
  return deps.sendMail({ id, to: destination, subject, text, date: createdAt }, cut);
}

async function posted(deps: OutboxDeps, { id, destination, content, createdAt }: ClaimedMessage) {
  const webhook = await findWebhook(deps.store, deps.sealKey, destination);
  if (webhook === undefined) return 'webhook_missing';
  const { type, organizationId, appId, values } = content;
  const data = { organizationId, appId, ...values };
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
  return deps.postWebhook({ ...webhook, id, body });
}
