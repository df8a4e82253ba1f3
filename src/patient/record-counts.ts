// How many entries of each kind a record holds, asked of the FHIR server while a consent page is made: with a token of our
// own, good for counting in that one record and for half a minute. The page does not wait longer than WAIT_MS for it.
import { randomUUID } from 'node:crypto';
import { createSafeFetch, type SafeFetch } from '../outside/safe-fetch.ts';
import type { ConsentChoice } from '../smart/consent-choices.ts';
import { type CountSearch, countSearches } from '../smart/record-counts.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { countTry } from '../store/try-counts.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';

/** Its `typ` (RFC 8725 §3.11), so that it is no access token to a server which knows nothing of counting. */
export const COUNT_TOKEN = 'record-count+jwt';

const WAIT_MS = 300;
const TOKEN_S = 30;
const MAX_BYTES = 16 * 1_024;
const MAX_COUNT = 1_000_000;
/** Of a page that is loaded again and again the FHIR server hears no more. */
const PAGES_PER_HOUR = 60;

type Deps = Pick<PatientDeps, 'store' | 'issuer' | 'sign' | 'counting'>;

export interface CountedRecord {
  readonly audience: string;
  /** The Patient resource there. */
  readonly fhirId: string;
  readonly accountId: string;
  readonly patientId: string;
  readonly choices: readonly ConsentChoice[];
}

/** By choice; empty where the FHIR server does not count, or not in time. */
export async function countRecord(deps: Deps, record: CountedRecord): Promise<ReadonlyMap<string, number>> {
  const searches = countSearches(record.choices);
  if (searches.length === 0 || !counts(deps, record.audience)) return new Map();
  const asking = asked(deps, record, searches).catch(() => []);
  const found = await Promise.race([asking, nothingIn(WAIT_MS)]);
  return new Map(found.flatMap((one) => (one === undefined ? [] : [one])));
}

const counts = ({ counting }: Deps, audience: string) =>
  counting.countingBases.includes(audience) || isOfDemo(counting, audience);

const isOfDemo = ({ demoOrigin }: Deps['counting'], audience: string) =>
  demoOrigin !== undefined && audience.startsWith(`${demoOrigin}/`);

const nothingIn = (ms: number) =>
  new Promise<[]>((settle) => {
    setTimeout(() => settle([]), ms).unref();
  });

async function asked(
  deps: Deps,
  record: CountedRecord,
  searches: readonly CountSearch[],
): Promise<Counted[]> {
  const { audience, accountId, patientId } = record;
  if ((await countTry(deps.store, `count account ${accountId}`)) > PAGES_PER_HOUR) return [];
  const detail = { audience, kinds: searches.map(({ choiceId }) => choiceId) };
  // Nobody counts unseen; the app learns nothing of it.
  const event = { type: 'record.counted', accountId, patientId, purpose: 'PATRQT', detail } as const;
  const recording = appendAuditEvent(deps.store.prisma, event, requestId());
  const [token] = await Promise.all([tokenFor(deps, record, searches), recording]);
  const { counting } = deps;
  const fetch = createSafeFetch({ allowLoopback: counting.allowLoopback || isOfDemo(counting, audience) });
  return Promise.all(searches.map((search) => countOf(fetch, record, { search, token })));
}

function tokenFor(
  { sign, issuer }: Deps,
  { audience, fhirId }: CountedRecord,
  searches: readonly CountSearch[],
) {
  const iat = Math.floor(Date.now() / 1_000);
  const times = { iat, exp: iat + TOKEN_S, jti: randomUUID() };
  const scope = searches.map((search) => search.scope).join(' ');
  const about = { patient: fhirId, scope, purpose_of_use: 'PATRQT' };
  return sign(
    { iss: issuer, sub: issuer, client_id: issuer, aud: audience, ...about, ...times },
    COUNT_TOKEN,
  );
}

interface Asked {
  readonly search: CountSearch;
  readonly token: string;
}

type Counted = readonly [choiceId: string, count: number] | undefined;

/** As a search with a body: what stands in an address stands in logs. */
async function countOf(
  fetch: SafeFetch,
  { audience, fhirId }: CountedRecord,
  { search, token }: Asked,
): Promise<Counted> {
  const parameters = [['patient', fhirId], ...search.parameters, ['_summary', 'count']] as [string, string][];
  const fetched = await fetch(`${audience}/${search.resourceType}/_search`, {
    method: 'POST',
    headers: {
      Accept: 'application/fhir+json',
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(parameters).toString(),
    ...{ maxBytes: MAX_BYTES, totalMs: WAIT_MS },
  });
  if ('fault' in fetched || fetched.answer.status !== 200) return undefined;
  const total = totalIn(fetched.answer.text);
  return total === undefined ? undefined : [search.choiceId, total];
}

function totalIn(text: string): number | undefined {
  try {
    const { resourceType, total } = JSON.parse(text) as Record<string, unknown>;
    const isCount = Number.isInteger(total) && Number(total) >= 0 && Number(total) <= MAX_COUNT;
    return resourceType === 'Bundle' && isCount ? Number(total) : undefined;
  } catch {
    return undefined;
  }
}
