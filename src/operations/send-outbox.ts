import type { SendMail } from '../outside/mail.ts';
import type { PostWebhook } from '../outside/webhook.ts';
import type { Store } from '../store/database.ts';
import { type ClaimedMessage, claimMessages, markFault, markSent } from '../store/outbox.ts';
import { findWebhook } from '../store/webhooks.ts';
import { locales } from '../web/locale.ts';
import type { Log } from '../web/log.ts';
import type { Messages } from '../web/messages.ts';
import type { Stopping } from './timers.ts';

export interface OutboxDeps {
  readonly store: Store;
  readonly messages: Messages;
  readonly sendMail: SendMail;
  readonly postWebhook: PostWebhook;
  /** What webhook secrets were sealed with. */
  readonly sealKey: string;
  readonly issuer: string;
  readonly operatorName: string;
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

/** No one has told us her language: the text is there in each. */
function mailed(deps: OutboxDeps, { id, destination, content, createdAt }: ClaimedMessage, cut: AbortSignal) {
  const { issuer, operatorName: operator } = deps;
  const parts = locales.map((locale) => {
    const t = deps.messages.translator(locale);
    const subject = t(`mail.${content.type}.subject`, content.values);
    return {
      subject,
      text: t(`mail.${content.type}.text`, content.values),
      footer: t('mail.footer', { operator, issuer }),
    };
  });
  const text = parts
    .map(({ subject, text: body, footer }) => `${subject}\n\n${body}\n\n${footer}\n`)
    .join('\n\n');
  const mail = { id, to: destination, subject: parts[0]?.subject ?? '', text, date: createdAt };
  return deps.sendMail(mail, cut);
}

async function posted(deps: OutboxDeps, { id, destination, content, createdAt }: ClaimedMessage) {
  const webhook = await findWebhook(deps.store, deps.sealKey, destination);
  if (webhook === undefined) return 'webhook_missing';
  const { type, organizationId, appId, values } = content;
  const data = { organizationId, appId, ...values };
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
  return deps.postWebhook({ ...webhook, id, body });
}
