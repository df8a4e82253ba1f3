// A person as a SCIM User (RFC 7643 §4.1), and what a directory may change of it. What is not kept is passed over.
import type { DirectoryChange, DirectoryPerson, ProvisionedFilter } from '../registry/provisioning.ts';
import { isKeepable } from './json-body.ts';
import { ScimFault } from './scim-fault.ts';

export type Members = Readonly<Record<string, unknown>>;

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

export const userResource = (
  base: string,
  { id, name, email, externalId, active, createdAt }: DirectoryPerson,
) => ({
  ...{ schemas: [USER], id, ...(externalId === null ? {} : { externalId }) },
  ...{ userName: email, displayName: name, name: { formatted: name }, active },
  emails: [{ value: email, type: 'work', primary: true }],
  meta: { resourceType: 'User', created: createdAt.toISOString(), location: `${base}/Users/${id}` },
});

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7643 §2.1: names of attributes are compared without case. */
export function member(value: unknown, name: string): unknown {
  if (!isMembers(value)) return undefined;
  const found = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found?.[1];
}

export const invalid = (detail: string) => new ScimFault(400, detail, 'invalidValue');

function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalid(`${name} must be text`);
  return value;
}

/** A widely used directory sends "False". */
function truth(value: unknown): boolean {
  const said = typeof value === 'string' ? value.toLowerCase() : value;
  if (said === true || said === 'true') return true;
  if (said === false || said === 'false') return false;
  throw invalid('active must be true or false');
}

function named(user: unknown): string | undefined {
  const name = member(user, 'name');
  const parts = [member(name, 'givenName'), member(name, 'familyName')];
  const joined = parts.filter((part) => typeof part === 'string').join(' ');
  const formatted = member(name, 'formatted') ?? member(user, 'name.formatted');
  const found = member(user, 'displayName') ?? formatted ?? (joined === '' ? undefined : joined);
  return found === undefined || found === null ? undefined : text(found, 'displayName');
}

/** RFC 7643 §3.3, RFC 7644 §3.10: what stands under the name of the schema, or bears it in front, is the User's own. */
export function unwrapped(user: Members): Members {
  const [core, prefix] = [USER.toLowerCase(), `${USER}:`.toLowerCase()];
  const members = Object.entries(user).flatMap(([key, value]): [string, unknown][] => {
    const name = key.toLowerCase();
    if (name !== core) return [[name.startsWith(prefix) ? name.slice(prefix.length) : name, value]];
    if (!isMembers(value)) throw invalid(`${USER} must be an object`);
    return Object.entries(unwrapped(value));
  });
  return Object.fromEntries(members);
}

/** Of a whole User, or of a part of one. */
export function changeIn(user: unknown): DirectoryChange {
  const [active, userName, externalId, name] = [
    ...[member(user, 'active'), member(user, 'userName'), member(user, 'externalId'), named(user)],
  ];
  return {
    ...(active === undefined || active === null ? {} : { active: truth(active) }),
    ...(name === undefined ? {} : { name: String(name) }),
    ...(userName === undefined || userName === null ? {} : { userName: text(userName, 'userName') }),
    ...(externalId === undefined
      ? {}
      : { externalId: externalId === null ? null : text(externalId, 'externalId') }),
  };
}

/** RFC 7644 §3.5.1. */
export function replacementIn(body: Members): DirectoryChange {
  const schemas = member(body, 'schemas');
  if (!Array.isArray(schemas) || !schemas.includes(USER)) throw invalid(`schemas must name ${USER}`);
  const change = changeIn(unwrapped(body));
  if (change.userName === undefined) throw invalid('userName is required');
  // What is left out is cleared, where there is no default.
  return { externalId: null, ...change };
}

const FILTER =
  /^\s*(?:urn:ietf:params:scim:schemas:core:2\.0:User:)?(\w+)\s+eq\s+("(?:[^"\\]|\\.){0,500}")\s*$/i;

/** RFC 7644 §3.4.2.2: equality of what a directory looks people up by. */
export function filterIn(filter: unknown): ProvisionedFilter {
  if (filter === undefined) return {};
  const parts = typeof filter === 'string' ? FILTER.exec(filter) : null;
  const attributes = ['id', 'userName', 'externalId'] as const;
  const attribute = attributes.find((name) => name.toLowerCase() === parts?.[1]?.toLowerCase());
  const value = attribute === undefined ? undefined : unquoted(parts?.[2] ?? '');
  if (attribute === undefined || value === undefined || !isKeepable(value))
    throw new ScimFault(400, 'filters are: id, userName or externalId eq "text"', 'invalidFilter');
  return { [attribute]: value };
}

function unquoted(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

const COUNT_MAX = 200;

/** RFC 7644 §3.4.2.4: `startIndex` counts from 1. */
export function pageIn({ startIndex, count }: Readonly<Record<string, unknown>>) {
  const whole = (value: unknown, otherwise: number, name: string): number => {
    if (value === undefined) return otherwise;
    if (typeof value !== 'string' || !/^-?\d{1,9}$/.test(value))
      throw invalid(`${name} must be a whole number`);
    return Number(value);
  };
  const from = Math.max(1, whole(startIndex, 1, 'startIndex'));
  const take = Math.min(COUNT_MAX, Math.max(0, whole(count, 100, 'count')));
  return { startIndex: from, skip: from - 1, take };
}
