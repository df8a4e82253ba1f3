// What a contract lets the apps under it do, whatever their revisions say: datasets and operations as scopes, volume an hour,
// and hours. What the app was approved for and what was agreed are met, wherever either is asked about.
import { formatScope, type Level, parseScope, type ResourceScope, type Scope } from '../smart/scope.ts';
import { covers, intersect } from '../smart/scope-algebra.ts';
import type { Outcome } from './authorization.ts';
import type { ContractHours } from './contract-hours.ts';
import type { Fault, FaultCode } from './faults.ts';
import type { FhirRequest } from './fhir-request.ts';
import { isExport } from './needs.ts';
import { scopeOf } from './use-case.ts';

export const CONTRACT_OPERATIONS = ['read', 'search', 'create', 'update', 'delete', 'export'] as const;
export type ContractOperation = (typeof CONTRACT_OPERATIONS)[number];

/** null: of that nothing is agreed, and nothing is limited. */
export interface ContractLimits {
  /** Of USE_CATEGORIES: FHIR resource types and the categories of the consent page. */
  readonly datasets: readonly string[] | null;
  readonly operations: readonly ContractOperation[] | null;
  readonly patientsPerHour: number | null;
  readonly resourcesPerHour: number | null;
  readonly hours: ContractHours | null;
}

const LETTERS = [
  ...([
    ['c', 'create'],
    ['r', 'read'],
    ['u', 'update'],
    ['d', 'delete'],
    ['s', 'search'],
  ] as const),
] as const;
const LEVELS: readonly Level[] = ['patient', 'user', 'system'];

const known = new WeakMap<ContractLimits, readonly ResourceScope[]>();

/** The most that may be opened under the contract. */
export function contractScopes(limits: ContractLimits): readonly ResourceScope[] {
  const scopes = known.get(limits) ?? scopesOf(limits);
  known.set(limits, scopes);
  return scopes;
}

function scopesOf({ datasets, operations }: ContractLimits): readonly ResourceScope[] {
  return LEVELS.flatMap((level) => {
    // Bulk Data Access IG: what is exported is read and searched by a system.
    const also: readonly string[] = operations?.includes('export') && level === 'system' ? ['r', 's'] : [];
    const interactions = LETTERS.filter(
      ([letter, operation]) => operations === null || operations.includes(operation) || also.includes(letter),
    );
    const letters = interactions.map(([letter]) => letter).join('');
    if (letters === '') return [];
    return (datasets ?? ['everything']).map((category) =>
      scopeOf({ level, interactions: letters, category }),
    );
  });
}

const NO_LIMITS: ContractLimits = {
  ...{ datasets: null, operations: null, patientsPerHour: null, resourcesPerHour: null, hours: null },
};

const opensRecords = (scopes: readonly Scope[]) => scopes.some(({ kind }) => kind === 'resource');

/** Each scope as far as it is agreed: whole where it is, or the parts of it that are. What opens no record stays. */
export function withinContract(held: readonly Scope[], limits: ContractLimits | null): readonly Scope[] {
  if (limits === null) return held;
  return held.flatMap((scope) => agreedParts(scope, contractScopes(limits)));
}

function agreedParts(scope: Scope, agreed: readonly Scope[]): readonly Scope[] {
  return scope.kind !== 'resource' || covers(agreed, scope) ? [scope] : intersect([scope], agreed);
}

/** Of a revision that is handed in: each scope that is more than was agreed, and the limit that it goes beyond. */
export function contractFaults(ceiling: string, limits: ContractLimits | null): readonly Fault[] {
  if (limits === null) return [];
  const within = (agreed: ContractLimits, scope: Scope) => covers(contractScopes(agreed), scope);
  return ceiling.split(' ').flatMap((word) => {
    const scope = parseScope(word);
    if (scope?.kind !== 'resource' || within(limits, scope)) return [];
    const beyond = ([field, code]: readonly ['datasets' | 'operations', FaultCode]): Fault[] => {
      const isMet = limits[field] === null || within({ ...NO_LIMITS, [field]: limits[field] }, scope);
      return isMet ? [] : [{ field: 'scopeCeiling', code, value: `${word} (${limits[field]?.join(', ')})` }];
    };
    return [
      ...beyond(['datasets', 'contract_datasets_exceeded']),
      ...beyond(['operations', 'contract_operations_exceeded']),
    ];
  });
}

/** What is left to go on with; of the records that were meant nothing left is a refusal. */
export function agreedScopes(
  held: readonly Scope[],
  limits: ContractLimits | null,
): Outcome<readonly Scope[]> {
  const left = withinContract(held, limits);
  return opensRecords(held) && !opensRecords(left) ? { reason: 'contract_limits' } : { value: left };
}

/** The same for a scope as it stands in a token, in the words that stand there; undefined: nothing is left. */
export function scopeAgreed(scope: string, limits: ContractLimits | null): string | undefined {
  if (limits === null) return scope;
  const names = scope.split(' ');
  const outcome = agreedScopes(
    names.flatMap((name) => parseScope(name) ?? []),
    limits,
  );
  if ('reason' in outcome) return undefined;
  const words = names.flatMap((name) => {
    const held = parseScope(name);
    // A scope of our own, outside the grammar of SMART, opens no record.
    if (held === undefined) return [name];
    const parts = agreedParts(held, contractScopes(limits));
    return parts.length === 1 && parts[0] === held ? [name] : parts.map(formatScope);
  });
  return [...new Set(words)].join(' ') || undefined;
}

/** What a request does, in the words of contracts; undefined: its scopes alone say whether it may. */
function operationOf(request: FhirRequest): ContractOperation | undefined {
  const { interaction, resourceId } = request;
  if (interaction === 'operation') return isExport(request) ? 'export' : undefined;
  if (interaction === 'history') return resourceId === undefined ? 'search' : 'read';
  if (interaction === 'vread') return 'read';
  return interaction === 'patch' ? 'update' : interaction;
}

/** An export needs more than the scopes to read what it hands out, and a system that may export need not read. */
export function operationAgreed(request: FhirRequest, limits: ContractLimits | null): boolean {
  const operation = operationOf(request);
  const agreed = limits?.operations ?? null;
  return agreed === null || operation === undefined || agreed.includes(operation);
}

/** What one app may open in an hour: the least of what the operator set and what is agreed. */
export function volumeAgreed(
  set: { readonly patients: number; readonly resources: number },
  limits: ContractLimits | null,
): { readonly patients: number; readonly resources: number } {
  if (limits === null) return set;
  return {
    patients: Math.min(set.patients, limits.patientsPerHour ?? set.patients),
    resources: Math.min(set.resources, limits.resourcesPerHour ?? set.resources),
  };
}
