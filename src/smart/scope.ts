// SMART App Launch 2.2 as values and pure rules: scopes, their algebra, consent choices, launch context, discovery.
// Nothing here waits, reads a clock or knows who asks: facts in, values out.
import {
  type Constraint,
  decodeValue,
  encodeValue,
  formatConstraints,
  parseConstraints,
} from './constraint.ts';

export const MAX_SCOPE_LENGTH = 2048;
export const MAX_SCOPE_COUNT = 100;

const SMART_PREFIX = 'http://smarthealthit.org/fhir/scopes/';
const OPENID_PREFIX = 'http://openid.net/specs/openid-connect-core-1_0#';

export type Level = 'patient' | 'user' | 'system';

interface Spelling {
  /** Present when the scope was asked for as a URI, so that it is answered as one. */
  readonly prefix?: typeof SMART_PREFIX | typeof OPENID_PREFIX;
}

export interface ResourceScope extends Spelling {
  readonly kind: 'resource';
  readonly level: Level;
  /** A FHIR resource type, or '*': all types, now and in future. */
  readonly resourceType: string;
  /** A non-empty subset of 'cruds', in that order. */
  readonly interactions: string;
  /** Decoded and canonical; all of them hold. */
  readonly constraints: readonly Constraint[];
  /** Asked for as .read, .write or .*, so that it is answered so (permission-v1). */
  readonly v1: boolean;
}

export interface LaunchScope extends Spelling {
  readonly kind: 'launch';
  /** The lower-case resource type of launch/<type>; absent in plain `launch`. */
  readonly context?: string;
  readonly role?: string;
}

export interface IdentityScope extends Spelling {
  readonly kind: 'identity';
  readonly name: 'openid' | 'fhirUser' | 'profile';
}

export interface RefreshScope extends Spelling {
  readonly kind: 'refresh';
  readonly name: 'online_access' | 'offline_access';
}

export type Scope = ResourceScope | LaunchScope | IdentityScope | RefreshScope;

const V1_LETTERS: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const V1_WORDS: Readonly<Record<string, string>> = { rs: 'read', cud: 'write', cruds: '*' };

const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/; // RFC 6749 §3.3
const RESOURCE =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{0,63})\.(?:(read|write|\*)|(c?r?u?d?s?)(?:\?([^?]+))?)$/;
const LAUNCH = /^launch(?:\/([a-z]{1,64})(?:\?role=([^?&]+))?)?$/;

/** Undefined for anything outside the grammar: it is refused, never guessed at. */
export function parseScope(text: string): Scope | undefined {
  if (text.length > MAX_SCOPE_LENGTH || !SCOPE_TOKEN.test(text)) return undefined;
  const prefix = [SMART_PREFIX, OPENID_PREFIX].find((uri) => text.startsWith(uri));
  if (prefix === undefined) return parseBare(text);
  const scope = parseBare(text.slice(prefix.length));
  return scope && prefixesOf(scope).includes(prefix) ? ({ ...scope, prefix } as Scope) : undefined;
}

function prefixesOf(scope: Scope): readonly string[] {
  if (scope.kind === 'refresh' && scope.name === 'offline_access') return [SMART_PREFIX, OPENID_PREFIX];
  const openid = scope.kind === 'identity' && scope.name !== 'fhirUser';
  return openid ? [OPENID_PREFIX] : [SMART_PREFIX];
}

function parseBare(text: string): Scope | undefined {
  switch (text) {
    case 'openid':
    case 'fhirUser':
    case 'profile':
      return { kind: 'identity', name: text };
    case 'online_access':
    case 'offline_access':
      return { kind: 'refresh', name: text };
  }
  return parseLaunch(text) ?? parseResource(text);
}

function parseLaunch(text: string): LaunchScope | undefined {
  const match = LAUNCH.exec(text);
  if (!match) return undefined;
  const [, context, encodedRole] = match;
  const role = encodedRole === undefined ? undefined : decodeValue(encodedRole);
  if (encodedRole !== undefined && role === undefined) return undefined;
  return {
    kind: 'launch',
    ...(context === undefined ? {} : { context }),
    ...(role === undefined ? {} : { role }),
  };
}

function parseResource(text: string): ResourceScope | undefined {
  const match = RESOURCE.exec(text);
  if (!match) return undefined;
  const [, level, resourceType = '', v1Word, letters, query] = match;
  const constraints = query === undefined ? [] : parseConstraints(query);
  const interactions = v1Word === undefined ? letters : V1_LETTERS[v1Word];
  if (!constraints || !interactions) return undefined;
  const v1 = v1Word !== undefined;
  return { kind: 'resource', level: level as Level, resourceType, interactions, constraints, v1 };
}

export interface ParsedScopes {
  readonly scopes: readonly Scope[];
  /** As received: escape it before showing it. */
  readonly refused: readonly string[];
  /** Over a limit: nothing was read. */
  readonly tooLarge: boolean;
}

export function parseScopes(text: string): ParsedScopes {
  const nothing = { scopes: [], refused: [], tooLarge: true };
  if (text.length > MAX_SCOPE_LENGTH) return nothing; // CVE-2026-4634: before any work
  const tokens = text.split(' ').filter((token) => token !== '');
  if (tokens.length > MAX_SCOPE_COUNT) return nothing;
  const scopes: Scope[] = [];
  const refused: string[] = [];
  for (const token of new Set(tokens)) {
    const scope = parseScope(token);
    if (scope) scopes.push(scope);
    else refused.push(token);
  }
  return { scopes, refused, tooLarge: false };
}

export function formatScope(scope: Scope): string {
  const prefix = scope.prefix ?? '';
  if (scope.kind === 'identity' || scope.kind === 'refresh') return prefix + scope.name;
  if (scope.kind === 'launch') {
    const role = scope.role === undefined ? '' : `?role=${encodeValue(scope.role)}`;
    return scope.context === undefined ? `${prefix}launch` : `${prefix}launch/${scope.context}${role}`;
  }
  const { level, resourceType, interactions, constraints, v1 } = scope;
  const suffix = v1 ? (V1_WORDS[interactions] ?? interactions) : interactions;
  const query = constraints.length === 0 ? '' : `?${formatConstraints(constraints)}`;
  return `${prefix}${level}/${resourceType}.${suffix}${query}`;
}

/** The shortest form (SMART §scope equivalence); scopes of SMART 1 stay apart, as their apps look for them. */
export function formatScopes(scopes: readonly Scope[]): string {
  return [...new Set(mergeInteractions(scopes).map(formatScope))].join(' ');
}

/** One scope for all letters of the same resources; the order is that of first appearance. */
export function mergeInteractions(scopes: readonly Scope[]): Scope[] {
  const merged = new Map<string, Scope>();
  for (const scope of scopes) {
    const mergeable = scope.kind === 'resource' && !scope.v1;
    const key = mergeable ? formatScope({ ...scope, interactions: '' }) : formatScope(scope);
    const earlier = merged.get(key);
    if (mergeable && earlier?.kind === 'resource') {
      merged.set(key, withInteractions(earlier, earlier.interactions + scope.interactions));
    } else merged.set(key, scope);
  }
  return [...merged.values()];
}

/** The same scope for other letters or constraints; it stays in the spelling of SMART 1 only where that can say it. */
export function withInteractions(
  scope: ResourceScope,
  letters: string,
  constraints: readonly Constraint[] = scope.constraints,
): ResourceScope {
  const interactions = inOrder(letters);
  const v1 = scope.v1 && interactions in V1_WORDS && constraints.length === 0;
  return { ...scope, interactions, constraints, v1 };
}

const inOrder = (letters: string) => [...'cruds'].filter((letter) => letters.includes(letter)).join('');
