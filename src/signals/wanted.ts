import type { Delivery } from '../store/signal-deliveries.ts';
import { settleDeliveries } from '../store/signal-poll.ts';
import { removedSubjects } from '../store/signal-subjects.ts';
import type { TransmitterDeps } from './deps.ts';
import { isSubject, isWithin, subjectOf } from './subject.ts';

/** Leaves out, for good, what is about subjects that the receiver took out of its stream (SSF 1.0 §8.1.3). */
export async function withoutRemoved(
  { store, issuer }: Pick<TransmitterDeps, 'store' | 'issuer'>,
  streamId: string,
  deliveries: readonly Delivery[],
): Promise<readonly Delivery[]> {
  if (!deliveries.some(({ mayBeUnwanted }) => mayBeUnwanted)) return deliveries;
  const removed = (await removedSubjects(store, streamId)).filter((one) => isSubject(one));
  // What is about the stream itself is always told (SSF 1.0 §8.1.4.1).
  const isWanted = (delivery: Delivery) =>
    delivery.streamId !== null || !removed.some((subject) => isWithin(subjectOf(delivery, issuer), subject));
  const unwanted = deliveries.filter((delivery) => !isWanted(delivery));
  await settleDeliveries(store, streamId, [], new Map(unwanted.map(({ id }) => [id, 'subject_removed'])));
  return deliveries.filter(isWanted);
}
