// Whom an event is about (SSF 1.0 §3, RFC 9493): opaque ids, as introspection gives them, in one complex subject.
import type { Delivery } from '../store/signal-deliveries.ts';

export type Subject = Readonly<Record<string, unknown>>;

const PURPOSE_OF_USE = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const opaque = (id: string) => ({ format: 'opaque', id });

export function subjectOf(delivery: Delivery, issuer: string): Subject {
  const { streamId, accountId, sessionUid, organizationId, ownerId, ehrId, purpose, cause } = delivery;
  if (streamId !== null) return opaque(streamId);
  const app = isOfApps(delivery) ? undefined : delivery.appIds?.[0];
  const uris: Readonly<Record<string, string>> = {
    'cut_off.purpose': `${PURPOSE_OF_USE}#${purpose}`,
    'cut_off.audience': String(delivery.detail.audience),
  };
  const uri = uris[cause];
  const group = uri === undefined ? ownerId !== null && opaque(ownerId) : { format: 'uri', uri };
  return {
    format: 'complex',
    ...(accountId === null ? {} : { user: { format: 'iss_sub', iss: issuer, sub: accountId } }),
    ...(sessionUid === null ? {} : { session: opaque(sessionUid) }),
    ...(app === undefined ? {} : { application: opaque(app) }),
    ...(organizationId === null ? {} : { tenant: opaque(organizationId) }),
    ...(ehrId === null ? {} : { org_unit: opaque(ehrId) }),
    ...(group ? { group } : {}),
  };
}

/** Whether it is about several apps, which a subject cannot name: the event lists them. */
export const isOfApps = ({ appIds, organizationId, ownerId }: Delivery): boolean =>
  organizationId !== null || ownerId !== null || (appIds?.length ?? 0) !== 1;

/** What a receiver may name (RFC 9493 §3, SSF 1.0 §3.3): a format, and texts; of a complex one, such members. */
export function isSubject(value: unknown, nested = false): value is Subject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { format, ...members } = value as Record<string, unknown>;
  const entries = Object.entries(members);
  if (typeof format !== 'string' || entries.length === 0 || entries.length > 10) return false;
  if (format === 'complex') return !nested && entries.every(([, member]) => isSubject(member, true));
  return entries.every(([, text]) => typeof text === 'string' && text !== '' && text.length <= 1_000);
}

/** One spelling for one subject. */
export function spelled(subject: Subject): string {
  const ordered = Object.entries(subject)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const text = typeof value === 'object' ? spelled(value as Subject) : JSON.stringify(value);
      return `${JSON.stringify(name)}:${text}`;
    });
  return `{${ordered.join(',')}}`;
}

/**
 * Whether an event's subject is the one that was taken out of the stream, or a part of it. A member that the event does not
 * name is no match, as it would be for a subject that was added (SSF 1.0 §8.1.3.1): nothing else is kept back with it.
 */
export function isWithin(subject: Subject, removed: Subject): boolean {
  const members = Object.entries(subject).filter(([name]) => name !== 'format');
  if (removed.format !== 'complex') {
    return [subject, ...members.map(([, value]) => value)].some((one) => same(one, removed));
  }
  return Object.entries(removed).every(([name, value]) => name === 'format' || same(subject[name], value));
}

const same = (a: unknown, b: unknown) => isSubject(a) && isSubject(b) && spelled(a) === spelled(b);
