// From what was read, and what is remembered beside it, to what the rules ask.
import type { AppTerms } from '../policy/access.ts';
import { contractAt } from '../policy/contract-period.ts';
import type { TokenFacts } from '../policy/token.ts';
import type { AppFacts, EhrFacts, Registry, ServerFacts, Terms } from './introspection-memory.ts';
import type { BriefRow, UnusualState, WholeRow } from './introspection-statements.ts';
import { withDates } from './json-dates.ts';
import { platformAt } from './platforms.ts';
import { type CutOffs, lastCutOff } from './recent-cut-offs.ts';

export interface IntrospectedToken extends TokenFacts {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string | null;
  readonly patientId: string | null;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly issuedAt: Date;
  /** Under which access in an emergency it was issued: the watermark of all that it does. */
  readonly breakGlassId: string | undefined;
  /** The FHIR servers that its client may name. */
  readonly audiences: readonly string[];
  readonly contractId: string | null;
  readonly app: AppTerms;
}

export interface Introspected {
  /** Of the database, in the snapshot of all the rest. */
  readonly now: Date;
  readonly token: IntrospectedToken | undefined;
  readonly server: ServerFacts | undefined;
}

export interface Question {
  readonly slot: number;
  readonly id: string;
  /** The resource server that asks, if one does. */
  readonly serverId: string | undefined;
}

export interface Snapshot {
  readonly now: Date;
  readonly registryVersion: string;
  readonly clock: number;
  /** All that came before it. */
  readonly cutOffs: CutOffs;
}

export interface Knowledge {
  readonly snapshot: Snapshot;
  /** Of each question, where there is such a token. */
  readonly terms: readonly (Terms | undefined)[];
  /** At the version of the snapshot. */
  readonly registry: Registry;
}

/** Undefined: something of the registry that belongs to it is not remembered. */
export function answerFrom(row: BriefRow, asked: Question, known: Knowledge): Introspected | undefined {
  const { snapshot, registry } = known;
  const { now } = snapshot;
  const server = asked.serverId === undefined ? undefined : registry.servers.get(asked.serverId);
  if (server === undefined && asked.serverId !== undefined) return undefined;
  if (row[2] === null) return { now, server, token: undefined };
  const terms = known.terms[row[0] - 1];
  const app = terms && registry.apps.get(terms.clientId);
  if (terms === undefined || app === undefined) return undefined;
  const ehr = terms.ehrId === null ? null : registry.ehrs.get(terms.ehrId);
  if (ehr === undefined) return undefined;
  return { now, server, token: tokenFrom(row, asked.id, { snapshot, terms, app, ehr }) };
}

/** What was read as a whole is there to be remembered, or is not there at all. */
export function answerFromWhole(row: WholeRow, asked: Question, known: Knowledge): Introspected {
  const { snapshot, registry } = known;
  const [app, ehr, server] = [row[6], row[7], row[8]];
  if (app !== null) {
    const platform = app.platform ? withDates(app.platform) : null;
    registry.apps.set(app.id, { ...withDates(app), platform });
  }
  if (ehr !== null) registry.ehrs.set(ehr.id, withDates(ehr));
  if (server !== null) {
    const secrets = server.secrets.map(withDates);
    registry.servers.set(server.id, { ...withDates(server), secrets });
  }
  const answer = answerFrom(row as unknown as BriefRow, asked, known);
  return (
    answer ?? { now: snapshot.now, token: undefined, server: registry.servers.get(asked.serverId ?? '') }
  );
}

interface Parts {
  readonly snapshot: Snapshot;
  readonly terms: Terms;
  readonly app: AppFacts;
  readonly ehr: EhrFacts | null;
}

const USUAL: UnusualState = {
  ...{ tokenRevokedAt: null, grantRevokedAt: null, consentWithdrawnAt: null, sessionLive: false },
  ...{ consentPausedAt: null, consentScope: null, consentUntil: null },
  ...{ representationStartsAt: null, representationEndsAt: null, representationEndedAt: null },
};

/** Each by its name: copying what has so many properties would take longer than all the rest. */
function tokenFrom(row: BriefRow, id: string, { snapshot, terms, app, ehr }: Parts): IntrospectedToken {
  const more = row[4] ?? USUAL;
  const contract = contractAt(app, snapshot.now);
  return {
    id,
    now: snapshot.now,
    clientId: terms.clientId,
    accountId: terms.accountId,
    patientId: terms.patientId,
    grantId: terms.grantId,
    sessionUid: terms.sessionUid,
    audience: terms.audience,
    scope: terms.scope,
    purpose: terms.purpose,
    extra: terms.extra,
    issuedAt: new Date(terms.issuedAt),
    tokenExpiresAt: new Date(row[2] as number),
    tokenRevokedAt: dateOf(more.tokenRevokedAt),
    clock: terms.clock,
    cutOff: terms.clock < snapshot.clock ? cutOffOf(terms, app, snapshot.cutOffs) : null,
    grantRevokedAt: dateOf(more.grantRevokedAt),
    grantExpiresAt: dateOf(row[3]),
    consentOrganizationId: terms.consentOrganizationId,
    consentDecidedAt: dateOf(terms.consentDecidedAt),
    consentWithdrawnAt: dateOf(more.consentWithdrawnAt),
    consentExpiresAt: dateOf(more.consentScope === null ? terms.consentExpiresAt : more.consentUntil),
    consentPausedAt: dateOf(more.consentPausedAt),
    consentScope: more.consentScope,
    representationId: terms.representationId,
    representationStartsAt: dateOf(more.representationStartsAt),
    representationEndsAt: dateOf(more.representationEndsAt),
    representationEndedAt: dateOf(more.representationEndedAt),
    sessionLive: more.sessionLive,
    ehrSuspendedAt: ehr === null ? null : ehr.suspendedAt,
    breakGlassId: breakGlass(terms.extra)?.id,
    breakGlassEndsAt: breakGlassEnd(terms.extra),
    organizationId: app.organizationId,
    contractId: contract.contractId,
    app: app.terms,
    audiences: app.audiences,
    stoppedScopes: app.stoppedScopes,
    environment: app.environment,
    environments: app.environments,
    offboardedAt: app.offboardedAt,
    suspendedAt: app.suspendedAt,
    organizationOffboardedAt: app.organizationOffboardedAt,
    organizationSuspendedAt: app.organizationSuspendedAt,
    reviewedAt: app.reviewedAt,
    ownerId: app.ownerId,
    ownerLeftAt: app.ownerLeftAt,
    contractStartsAt: contract.contractStartsAt,
    contractEndsAt: contract.contractEndsAt,
    contractLimits: contract.contractLimits,
    attestationDueAt: app.attestationDueAt,
    useCaseEndsAt: app.useCaseEndsAt,
    needsCredential: app.needsCredential,
    credentialEndsAt: app.credentialEndsAt,
    platform: app.platform ? platformAt(app.platform, snapshot.now) : null,
  };
}

/** As the token endpoint wrote it (provider/break-glass). */
const breakGlass = ({ break_glass: glass }: Terms['extra']) =>
  glass as { readonly id: string; readonly ends_at: string } | undefined;

function breakGlassEnd(extra: Terms['extra']): Date | null {
  const glass = breakGlass(extra);
  return glass === undefined ? null : new Date(glass.ends_at);
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** By all that a token rests on. */
const cutOffOf = (terms: Terms, app: AppFacts, cutOffs: CutOffs): number | null =>
  lastCutOff(cutOffs, [
    ['client', terms.clientId],
    ['organization', app.organizationId],
    ['owner', app.ownerId],
    ['patient', terms.patientId],
    ['patient', terms.accountId],
    ['purpose', terms.purpose],
    ['key', terms.keyId],
    ['audience', terms.audience],
  ]);
