// What a campaign can be proven with: every app with the snapshot and what was said of it, signed, or as a table.
import { z } from 'zod';
import { type Jwks, signStatement, verifyStatement } from '../audit/signed-statement.ts';
import type { Snapshot } from '../policy/attestation.ts';
import type { Actor } from '../policy/permissions.ts';
import type { Sign } from '../provider/keys.ts';
import { findAttestationRow, findSnapshotRow, lastSnapshot } from '../store/campaign-apps.ts';
import { type CampaignApp, everyCampaignApp, findCampaign } from './campaign-lists.ts';
import { snapshotHash } from './campaign-snapshots.ts';
import { record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { csvRecord } from './inventory-export.ts';

export const EVIDENCE_TYPE = 'attestation-evidence+jwt';
export const EVIDENCE_FORMATS = ['jws', 'csv'] as const;
export type EvidenceFormat = (typeof EVIDENCE_FORMATS)[number];

type Deps = RegistryDeps & { readonly sign: Sign };

/** The file. Who took it is recorded before. */
export async function exportEvidence(
  deps: Deps,
  actor: Actor,
  campaignId: string,
  format: EvidenceFormat,
): Promise<string> {
  const campaign = await findCampaign(deps, actor, campaignId);
  await deps.store.prisma.$transaction((tx) =>
    record(tx, actor, { type: 'campaign.exported', detail: { campaignId, format } }),
  );
  const rows = await everyCampaignApp(deps, actor, campaignId);
  if (format === 'csv') return csvOf(rows);
  const { issuer } = deps.settings;
  const apps = [];
  for (const row of rows) apps.push(await evidenceOf(deps, row));
  const about = { iss: issuer, iat: Math.floor(Date.now() / 1_000), campaign };
  return signStatement(deps, EVIDENCE_TYPE, JSON.parse(JSON.stringify({ ...about, apps })));
}

async function evidenceOf({ store: { prisma } }: RegistryDeps, { outcome, ...row }: CampaignApp) {
  const { campaignId, appId, organizationId, silentAt, silence } = row;
  const attestation = await findAttestationRow(prisma, campaignId, appId);
  const snapshot =
    attestation === null
      ? await lastSnapshot(prisma, campaignId, appId)
      : await findSnapshotRow(prisma, attestation.snapshotId);
  return { appId, organizationId, outcome, silentAt, silence, snapshot, attestation };
}

const COLUMNS: readonly (readonly [
  name: string,
  cell: (row: CampaignApp) => string | Date | null | undefined,
])[] = [
  ['app_id', ({ appId }) => appId],
  ['app', ({ appName }) => appName],
  ['organization_id', ({ organizationId }) => organizationId],
  ['organization', ({ organizationName }) => organizationName],
  ['owner', ({ ownerName }) => ownerName],
  ['due_at', ({ dueAt }) => dueAt],
  ['outcome', ({ outcome }) => outcome],
  ['attested_at', ({ attestedAt }) => attestedAt],
  ['attested_by', ({ attestedBy }) => attestedBy],
  ['attested_by_name', ({ attestedByName }) => attestedByName],
  ['given_up_scopes', ({ givenUpScopes }) => givenUpScopes?.join(' ')],
  ['note', ({ note }) => note],
  ['silent_at', ({ silentAt }) => silentAt],
  ['silence', ({ silence }) => silence],
];

const csvOf = (rows: readonly CampaignApp[]): string =>
  [csvRecord(COLUMNS.map(([name]) => name))]
    .concat(rows.map((row) => csvRecord(COLUMNS.map(([, cell]) => cell(row)))))
    .join('');

const evidence = z.object({
  iss: z.string(),
  iat: z.number(),
  campaign: z.object({ id: z.string() }),
  apps: z.array(
    z.object({
      appId: z.string(),
      outcome: z.string(),
      snapshot: z.object({ hash: z.string(), facts: z.unknown() }),
      attestation: z.object({ snapshotHash: z.string() }).nullable(),
    }),
  ),
});
export type Evidence = z.output<typeof evidence>;

/** Undefined: not signed by one of these keys, or what was said is not about the snapshots that stand there. */
export async function verifyEvidence(keys: Jwks, jws: string): Promise<Evidence | undefined> {
  const read = evidence.safeParse(await verifyStatement(keys, jws.trim(), EVIDENCE_TYPE));
  if (!read.success) return undefined;
  const agrees = ({ snapshot, attestation }: Evidence['apps'][number]) =>
    snapshotHash(snapshot.facts as Snapshot) === snapshot.hash &&
    (attestation === null || attestation.snapshotHash === snapshot.hash);
  return read.data.apps.every(agrees) ? read.data : undefined;
}
