// An app as it is at this instant, frozen for whoever is asked to confirm it.
import { type Bound, canonicalJson, type Snapshot } from '../policy/attestation.ts';
import { daysAfter } from '../policy/days.ts';
import { comparePeers, type PeerFacts, peerGroup, rounded, scopeUse } from '../policy/scope-use.ts';
import { parseScopes } from '../smart/scope.ts';
import { type AppRow, findAppRow } from '../store/app-records.ts';
import { findRevision, type KeptRevision } from '../store/app-revisions.ts';
import { type AppUse, COUNTED, listPeerRows, readAppUse } from '../store/campaign-facts.ts';
import type { Db, Store } from '../store/database.ts';
import { sha256Hex } from '../store/hash.ts';
import { listOrganizationNames } from '../store/organizations.ts';

export interface FrozenApp {
  readonly appId: string;
  readonly takenAt: Date;
  readonly hash: string;
  readonly facts: Snapshot;
}

const AT_ONCE = 50;
const UNUSED: AppUse = {
  ...{ liveConsents: 0, livePatients: 0, granted: [], lastUsedAt: null, accesses: 0, patients: 0 },
  ...{ requests: [], isComplete: true },
};

/** What an attestation is about, as it is now. */
export async function boundOf(db: Db, app: AppRow): Promise<Bound> {
  return {
    organizationId: app.organizationId,
    revisionId: app.revisionId,
    contract: app.contractId === null ? null : await contractOf(db, app.contractId),
  };
}

/** All that is kept of a contract, so that none of its terms changes unseen. */
const contractOf = async (db: Db, id: string): Promise<Bound['contract']> =>
  JSON.parse(
    JSON.stringify(await db.contract.findUniqueOrThrow({ where: { id }, omit: { createdAt: true } })),
  );

/** Apps that have ended meanwhile are left out. */
export async function freezeApps(
  store: Store,
  appIds: readonly string[],
  days: number,
): Promise<readonly FrozenApp[]> {
  const compared = await peersOf(store, appIds, days);
  const frozen: FrozenApp[] = [];
  for (const appId of appIds) {
    const [app, use = UNUSED] = [await findAppRow(store.prisma, appId), compared.uses.get(appId)];
    if (app === null || app.revisionId === null || app.offboardedAt !== null) continue;
    const revision = await findRevision(store.prisma, app.revisionId);
    if (revision === null) continue;
    const takenAt = new Date();
    const facts = await factsOf(store, { app, revision, use, days, takenAt, peers: compared.peers });
    frozen.push({ appId, takenAt, hash: snapshotHash(facts), facts });
  }
  return frozen;
}

export const snapshotHash = (facts: Snapshot): string => sha256Hex(canonicalJson(facts));

interface Known {
  readonly app: AppRow;
  readonly revision: KeptRevision;
  readonly use: AppUse;
  readonly days: number;
  readonly takenAt: Date;
  readonly peers: readonly PeerFacts[];
}

async function factsOf(store: Store, { app, revision, use, days, takenAt, peers }: Known): Promise<Snapshot> {
  const { id, organization, owner } = app;
  const { number, name, purposeStatement, purposes, scopeCeiling, useCase } = revision;
  const named = revision.subprocessors.map(({ organizationId }) => organizationId);
  const names = await listOrganizationNames(store.prisma, named);
  const own = peers.find(({ appId }) => appId === id) ?? peerFactsOf(id, revision, use);
  const since = daysAfter(takenAt, -days);
  const wasUsed = use.lastUsedAt !== null && use.lastUsedAt >= since;
  return JSON.parse(
    JSON.stringify({
      ...{ appId: id, takenAt },
      organization: { id: organization.id, legalName: organization.legalName },
      owner: owner === null ? null : { id: owner.id, name: owner.name },
      revision: {
        ...{ id: revision.id, number, name, purposeStatement, purposes, scopeCeiling, useCase },
        subprocessors: revision.subprocessors.map(({ organizationId, service }) => ({
          ...{ organizationId, service, legalName: names.get(organizationId)?.legalName ?? organizationId },
        })),
      },
      contract: (await boundOf(store.prisma, app)).contract,
      use: {
        ...{
          days,
          lastUsedAt: use.lastUsedAt,
          liveConsents: use.liveConsents,
          livePatients: use.livePatients,
        },
        ...{ accesses: use.accesses, countedTo: COUNTED },
        scopes: scopeUse(scopeCeiling, use.granted, { ...use, accesses: wasUsed ? use.accesses : 0 }),
        peers: comparePeers(own, peers),
      },
    }),
  );
}

type Compared = { readonly purposes: readonly string[]; readonly scopeCeiling: string };

const peerFactsOf = (
  appId: string,
  { purposes, scopeCeiling, ...said }: Compared & ({ exchangeProfile: string | null } | KeptRevision),
  use: AppUse | undefined,
): PeerFacts => ({
  appId,
  group: peerGroup(purposes, 'useCase' in said ? said.useCase.exchangeProfile : said.exchangeProfile),
  scopes: parseScopes(scopeCeiling).scopes.filter(({ kind }) => kind === 'resource').length,
  accessesPerPatient: use === undefined || use.patients === 0 ? null : rounded(use.accesses / use.patients),
});

/** Of these apps, and of those that say the same of themselves. */
async function peersOf(store: Store, appIds: readonly string[], days: number) {
  const rows = await listPeerRows(store);
  const groupOf = (row: (typeof rows)[number]) => peerGroup(row.purposes, row.exchangeProfile);
  const asked = new Set(appIds);
  const groups = new Set(rows.filter(({ id }) => asked.has(id)).map(groupOf));
  const near = rows.filter((row) => groups.has(groupOf(row)));
  const ids = [...new Set([...appIds, ...near.map(({ id }) => id)])];
  const uses = new Map<string, AppUse>();
  for (let at = 0; at < ids.length; at += AT_ONCE)
    for (const [id, use] of await readAppUse(store, ids.slice(at, at + AT_ONCE), days)) uses.set(id, use);
  return { uses, peers: near.map((row) => peerFactsOf(row.id, row, uses.get(row.id))) };
}
