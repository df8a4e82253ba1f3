// What other parts ask of identity proofing: patient/deps says what each of it means.
import type { Context } from 'koa';
import { browserHash } from '../passkeys/page-ceremony.ts';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import type { Transaction } from '../store/database.ts';
import { findProofing } from '../store/identity-proofings.ts';
import { createAttempt, findProved, takeProved } from '../store/proofing-attempts.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import { depart } from './departure.ts';
import type { TrustDeps } from './deps.ts';

interface Asked {
  readonly reason: 'enrol' | 'recover' | 'raise';
  readonly patientId?: string;
  readonly next: string;
  readonly level?: IdentityLevel;
  readonly providerId?: string;
}

export function createProofing(deps: TrustDeps) {
  const { store, providers } = deps;
  return {
    available: providers.length > 0,
    providers: providers.map(({ id, name }) => ({ id, name })),
    begin: async (ctx: Context, { reason, patientId, next, level, providerId }: Asked): Promise<void> => {
      if (providers.length === 0) throw new PageError(404, 'not-found');
      const attempt = {
        ...{ browserHash: browserHash(deps, ctx), reason, patientId: patientId ?? null, next },
        // To come in without a passkey, and to make the first one, asks for the most (NIST SP 800-63B-4 §4.2.2).
        level: reason === 'raise' ? (level ?? 'IAL2') : 'IAL2',
      };
      const id = await createAttempt(store, attempt);
      if (providerId === undefined) seeOther(ctx, `/proofing/${id}`);
      else await depart(deps, ctx, { id, ...attempt }, providerId);
    },
    proofed: async (ctx: Context, reason: Asked['reason'], tx: Transaction = store.prisma) => {
      const browser = browserHash(deps, ctx);
      const attempt = await findProved(tx, browser, { reason });
      if (attempt === null || attempt.proofingId === null) return undefined;
      const proofing = await findProofing(tx, attempt.proofingId);
      if (proofing === null || !(await takeProved(tx, attempt.id, browser))) return undefined;
      return {
        patientId: proofing.patientId,
        proofingId: proofing.id,
        level: proofing.level as IdentityLevel,
      };
    },
  };
}
