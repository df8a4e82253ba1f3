// What somebody of the operator sees of one patient while her support access is open: which apps, and what happened.
// Without it nothing of the console is about what a patient shares.
import type { Actor } from '../policy/permissions.ts';
import { type HistoryRow, readHistory } from '../store/history.ts';
import { listConsents } from '../store/seen-consents.ts';
import { aboutGlass, watermark } from './break-glass.ts';
import { findBreakGlass, type Glass } from './break-glass-records.ts';
import { assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { RegistryRefusal } from './refusal.ts';

const SHOWN = 50;

export interface SupportView {
  readonly glass: Glass;
  readonly consents: readonly {
    readonly id: string;
    readonly appId: string;
    readonly appName: string;
    readonly scope: string;
    readonly decidedAt: Date;
    readonly endsAt: Date;
    readonly withdrawnAt: Date | null;
    readonly pausedAt: Date | null;
  }[];
  readonly events: readonly HistoryRow[];
}

/** For who asked for it alone, as long as it is open; each look is recorded before anything is read. */
export async function lookAtPatient(deps: RegistryDeps, actor: Actor, id: string): Promise<SupportView> {
  const { store } = deps;
  const glass = await findBreakGlass(deps, actor, id);
  assertMay(actor, 'break_glass.support');
  if (glass.kind !== 'support' || glass.requestedBy !== actor.personId)
    throw new RegistryRefusal('record_unknown');
  if (glass.state !== 'open') throw new RegistryRefusal('state_conflict');
  await store.prisma.$transaction((tx) =>
    record(tx, actor, { type: 'patient.looked_at', ...aboutGlass(glass), detail: watermark(glass) }),
  );
  const { patientId } = glass;
  const [consents, history] = await Promise.all([
    listConsents(store, patientId),
    readHistory(store, { patientId }, undefined, SHOWN),
  ]);
  return {
    glass,
    consents: consents
      .filter((consent) => consent.patientId === null || consent.patientId === patientId)
      .map(({ id: consentId, app, ...consent }) => ({
        ...{ id: consentId, appId: app.id, appName: app.revision?.name ?? app.id },
        scope: consent.liveScope ?? consent.grantedScope,
        ...{ decidedAt: consent.decidedAt, endsAt: consent.liveUntil ?? consent.expiresAt },
        ...{ withdrawnAt: consent.withdrawnAt, pausedAt: consent.pausedAt },
      })),
    events: history?.rows ?? [],
  };
}
