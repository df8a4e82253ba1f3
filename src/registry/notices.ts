// What is told to the people who answer for apps, by mail and by their organization's webhook.
import type { Transaction } from '../store/database.ts';
import { findingRecipients } from '../store/findings.ts';
import { findNoticeAddresses } from '../store/notice-recipients.ts';
import { enqueue } from '../store/outbox.ts';

/**
 * What the text of a notice needs beside `app` and `organization`, which are looked up. Days are `2027-01-31`. The texts
 * are `mail.<type>.subject` and `.text` of views/messages.
 */
interface NoticeValues {
  'app.registered': { environment: string };
  /** The number of the revision. */
  'app.submitted': { revision: string };
  'app.approved': { attestationDue: string };
  'app.refused': { reason: string };
  'app.changes_asked': { reason: string };
  'app.suspended': { reason: string };
  'app.resumed': { reason: string };
  'app.offboarded': { reason: string };
  /** Her name. */
  'owner.assigned': { owner: string };
  /** Her name, the day, and the names of the apps that nobody takes over. */
  'owner.leaving': { owner: string; leavesOn: string; apps: string };
  /** Scopes, separated by spaces. */
  'change.recorded': { kind: string; scopes: string };
  /** The kid, or for a secret its id. */
  'key.added': { key: string; endsOn: string };
  'key.ended': { key: string; endsOn: string };
  'key.expiring': { key: string; endsOn: string; days: string };
  'secret.expiring': { key: string; endsOn: string; days: string };
  /** The reference of the contract. */
  'contract.ending': { contract: string; endsOn: string; days: string };
  /** The legal name of the organization that the app goes to. */
  'transfer.proposed': { to: string };
  'transfer.accepted': { to: string };
  'transfer.declined': { to: string };
  'transfer.completed': { to: string; credentialsEndOn: string };
  /** The names of both. */
  'delegation.asked': Delegated;
  'delegation.accepted': Delegated;
  'delegation.ended': Delegated;
  'attestation.asked': { dueOn: string; reason: string };
  'attestation.due': { dueOn: string };
  /** The same where nothing but a report follows. */
  'attestation.awaited': { dueOn: string };
  /** The name of what it was cut off for: an app, an organization, a person or a key. */
  'access.cut_off': { subject: string; reason: string };
  /** What a rule found, with what it measured. */
  'finding.raised': { finding: string; kind: string; figures: string };
  /** What it may not do until it is lifted. */
  'app.restricted.narrow': RestrictionValues;
  'app.restricted.quarantine': RestrictionValues;
  'app.restricted.step_up': RestrictionValues;
  /** One of its credentials alone. */
  'app.restricted.key': RestrictionValues;
  'app.restriction_lifted': { kind: string; scopes: string; reason: string };
  /** Her name; the link itself is handed over by who invited her. */
  'person.invited': { person: string };
  'person.passkey_added': { person: string };
}

interface Delegated {
  readonly platform: string;
  readonly behind: string;
  /** Of an end. */
  readonly reason: string;
}

interface RestrictionValues {
  /** Separated by spaces. */
  readonly scopes: string;
  readonly kind: string;
  readonly key: string;
  readonly reason: string;
}

export type NoticeType = keyof NoticeValues;

interface NoticeOf<Type extends NoticeType> {
  readonly type: Type;
  readonly organizationId: string;
  readonly appId?: string;
  /** Free of PHI and secrets: mail is read by others, and the webhook carries them too. */
  readonly values: Readonly<NoticeValues[Type] & Record<string, string>>;
  /** Ids of people who hear of it as well. */
  readonly also?: readonly string[];
}

export type Notice = { [Type in NoticeType]: NoticeOf<Type> }[NoticeType];

/** Puts one mail a person and one webhook into the outbox, in the transaction of what they tell. */
export async function announce(tx: Transaction, notice: Notice): Promise<void> {
  const { type, organizationId, appId, also, values } = notice;
  const { organization, app, mail, hasWebhook } = await findNoticeAddresses(tx, {
    organizationId,
    appId,
    also,
  });
  const names = { organization, ...(app === undefined ? {} : { app }) };
  const content = { type, organizationId, appId, values: { ...values, ...names } };
  await enqueue(tx, [
    ...mail.map((destination) => ({ channel: 'mail', destination, content }) as const),
    ...(hasWebhook ? [{ channel: 'webhook', destination: organizationId, content } as const] : []),
  ]);
}

/** Those who see to findings now hear of one, by mail. */
export async function tellOverseers(
  tx: Transaction,
  content: { readonly type: `finding.${string}`; readonly values: Readonly<Record<string, string>> },
): Promise<void> {
  const addresses = await findingRecipients(tx);
  await enqueue(
    tx,
    addresses.map((destination) => ({ channel: 'mail', destination, content })),
  );
}
