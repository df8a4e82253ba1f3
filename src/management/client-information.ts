import type { AppRecord } from '../registry/app-records.ts';
import { findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import type { Translate } from '../web/messages.ts';
import { inMembers, writtenMetadata } from './client-metadata.ts';
import { logoUriOf } from './logo-fetch.ts';
import { type FaultAnswer, faultAnswers } from './refused.ts';

/** Our extension of RFC 7591 §3.2.1: how far the registration is. */
export interface RegistrationStatus {
  readonly environment: string;
  /** `not_needed`, `not_submitted`, `waiting`, or how it ended: `approved`, `changes_asked`, `refused`, `withdrawn`. */
  readonly review: string;
  /** What the reviewer asks for. */
  readonly review_reason?: string;
  /** Of what this answer shows. */
  readonly revision: number;
  /** By what requests are judged; null: no revision was approved yet. */
  readonly revision_in_force: number | null;
  readonly may_act: boolean;
  /** Why it may not, as in the log of refusals. */
  readonly reason?: string;
  /** What stands between this revision and a review. */
  readonly missing?: readonly FaultAnswer[];
}

const seconds = (at: Date) => Math.floor(at.getTime() / 1_000);

/** RFC 7591 §3.2.1, RFC 7592 §3, without the values that are shown once. */
export async function clientInformation(
  { store, issuer, t }: { readonly store: Store; readonly issuer: string; readonly t: Translate },
  app: AppRecord,
): Promise<Readonly<Record<string, unknown>>> {
  const { newest } = app;
  const found = await findApp(store, app.id);
  // Those of a platform are not its own.
  const registered = found?.platform ? [] : (found?.keys ?? []).flatMap(({ jwk }) => jwk ?? []);
  const contacts = [app.owner, app.backupOwner].flatMap((person) => person?.email ?? []);
  return {
    client_id: app.id,
    client_id_issued_at: seconds(app.createdAt),
    registration_client_uri: registrationUri(issuer, app.id),
    ...writtenMetadata(newest),
    ...(newest.logoId === null ? {} : { logo_uri: logoUriOf(issuer, newest.logoId) }),
    ...(registered.length === 0 ? {} : { jwks: { keys: registered } }),
    ...(contacts.length === 0 ? {} : { contacts }),
    registration_status: statusOf(app, t),
  };
}

export const REGISTER_PATH = '/register';

const registrationUri = (issuer: string, clientId: string) => `${issuer}${REGISTER_PATH}/${clientId}`;

/** RFC 7591 §3.2.1: a secret is answered with its end. */
export const secretMembers = ({ secret, endsAt }: { readonly secret: string; readonly endsAt: Date }) => ({
  client_secret: secret,
  client_secret_expires_at: seconds(endsAt),
});

function statusOf(app: AppRecord, t: Translate): RegistrationStatus {
  const { environment, newest, live, review, standing, faults } = app;
  const own = review?.revisionId === newest.id ? review : null;
  const judged = own === null ? 'not_submitted' : (own.outcome ?? 'waiting');
  const missing = environment === 'production' && own === null ? faults : [];
  return {
    environment,
    review: environment === 'sandbox' ? 'not_needed' : judged,
    ...(own?.reason == null ? {} : { review_reason: own.reason }),
    ...{ revision: newest.number, revision_in_force: live?.number ?? null },
    may_act: standing === null,
    ...(standing === null ? {} : { reason: standing }),
    ...(missing.length === 0 ? {} : { missing: faultAnswers(t, missing.map(inMembers)) }),
  };
}
