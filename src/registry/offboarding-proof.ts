// The proof of an offboarding: introspection is asked about every token that was live at the cut; then a receipt is signed,
// which anybody can check with the published keys. Whoever stops in between leaves it to the next one.
import { signStatement } from '../audit/signed-statement.ts';
import { judgeToken } from '../policy/token-judgement.ts';
import type { Sign } from '../provider/keys.ts';
import { type BlastRadius, blastRadius, requestsAfter } from '../store/blast-radius.ts';
import type { Store } from '../store/database.ts';
import type { Introspected } from '../store/introspections.ts';
import {
  askNext,
  listOffboardedTokens,
  markVerified,
  reachedThrough,
  type Told,
  whoWasTold,
} from '../store/offboarded-tokens.ts';
import { databaseNow, findOffboardingRow, keepReceipt, type OffboardingRow } from '../store/offboardings.ts';
import { categoriesOf } from './offboarding.ts';

export const OFFBOARDING_RECEIPT = 'offboarding-receipt+jwt';

export interface ProofDeps {
  readonly store: Store;
  readonly issuer: string;
  readonly operatorName: string;
  readonly sign: Sign;
}

export interface Going {
  isStopping?(): boolean;
  /** "0 of 5000 still active" is to be said of it. */
  progress?(row: OffboardingRow): void;
}

/** How long a receipt waits for resource servers to acknowledge. */
const PATIENCE_MS = 60_000;

/** Goes on where it stands; answers with the record: with its receipt, unless it stopped or still waits. */
export async function proveOffboarding(
  deps: ProofDeps,
  id: string,
  { isStopping, progress }: Going = {},
): Promise<OffboardingRow> {
  const { store } = deps;
  let row = await known(store, id);
  if (row.total === null) {
    await listOffboardedTokens(store, row, await blastRadius(store, row, row));
    row = await known(store, id);
  }
  progress?.(row);
  while (row.verifiedAt === null) {
    if (isStopping?.()) return row;
    if (!(await askNext(store, id, isActive))) await markVerified(store, id, await databaseNow(store));
    row = await known(store, id);
    progress?.(row);
  }
  if (row.receiptAt !== null) return row;
  const now = await databaseNow(store);
  const told = await whoWasTold(store, id);
  if (told.some(isAwaited) && now.getTime() < row.at.getTime() + PATIENCE_MS) return row;
  // Of the same apps and bases as before, so that it would tell what is open still.
  const [after, requests] = [await blastRadius(store, row), await requestsAfter(store, row, row.at)];
  const through = await reachedThrough(store, id);
  const claims = receiptClaims(deps, row, { told, through, after, requests, now });
  await keepReceipt(store, id, await signStatement(deps, OFFBOARDING_RECEIPT, claims), now);
  return known(store, id);
}

/** As the resource server would hear that it was issued for. */
const isActive = ({ token }: Introspected): boolean =>
  token !== undefined && judgeToken(token, [token.audience]) === undefined;

async function known(store: Store, id: string): Promise<OffboardingRow> {
  const row = await findOffboardingRow(store, id);
  if (row === undefined) throw new Error('the offboarding is gone');
  return row;
}

const isAwaited = ({ method, acknowledgedAt, failed }: Told): boolean =>
  method !== null && acknowledgedAt === null && !failed;

interface Found {
  readonly told: readonly Told[];
  readonly through: readonly string[];
  readonly after: BlastRadius;
  /** Since the minute of the cut. */
  readonly requests: number;
  readonly now: Date;
}

const counts = ({ patients, consents, tokens }: BlastRadius) => ({ patients, consents, tokens });

/** No `sub`, `aud` or `exp`: it is no token to anyone. It names no patient and no token. */
export function receiptClaims(deps: ProofDeps, row: OffboardingRow, found: Found) {
  const { told, through, after, requests, now } = found;
  const { issuer: iss, operatorName } = deps;
  const before = row.before as unknown as BlastRadius;
  const { total, checked, active, reason, by, via } = row;
  const seconds = (later: Date) => Math.max(0, (later.getTime() - row.at.getTime()) / 1_000);
  const named = (some: (one: Told) => boolean) => told.filter(some).map(({ id, name }) => ({ id, name }));
  const offboarding = {
    profile: 'urn:postern:offboarding-receipt:1',
    ...{ id: row.id, kind: row.kind, subject: { id: row.subjectId, name: row.subjectName } },
    ...{ organizationId: row.organizationId, operator: operatorName, by, via, reason },
    ...{ at: row.at.toISOString(), revocationClock: String(row.clock), apps: row.appIds },
    appsThroughPlatform: through,
    before: {
      ...{
        ...counts(before),
        requestsADay: before.requestsADay,
        dataCategories: categoriesOf(before.scopes),
      },
      ...{ tokensUntil: before.tokensUntil, consentsUntil: before.consentsUntil },
    },
    after: { ...counts(after), requests },
    verification: { tokensLiveAtCut: total, tokensAsked: checked, tokensStillActive: active },
    verifiedAt: row.verifiedAt?.toISOString(),
    resourceServers: told.map(({ id, name, method, acknowledgedAt, failed }) => ({
      ...{ id, name, stream: method ?? 'none', failed },
      acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
      acknowledgedAfterSeconds: acknowledgedAt === null ? null : seconds(acknowledgedAt),
    })),
    residualExposure: {
      tokensStillActive: active,
      /** Of a person's apps: they go on under the owner who took over, and wait where nobody did. Behind a platform: wait. */
      consentsNotEnded: after.consents,
      /** They learn of it when they ask introspection next: as late as they keep its answers. */
      serversWithoutStream: named(({ method }) => method === null),
      serversNotAcknowledged: named((one) => one.method !== null && one.acknowledgedAt === null),
      dataAlreadyRead: before.requestsADay > 0,
    },
  };
  return { iss, iat: Math.floor(now.getTime() / 1_000), jti: `offboarding:${row.id}`, offboarding };
}
