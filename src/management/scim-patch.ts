// What a directory changes of a person in parts (RFC 7644 §3.5.2). A form that is not understood is refused, never passed over:
// it may be the one by which somebody leaves.
import type { DirectoryChange } from '../registry/provisioning.ts';
import { MESSAGES, ScimFault } from './scim-fault.ts';
import { changeIn, invalid, isMembers, type Members, member, USER, unwrapped } from './scim-user.ts';

const OPERATIONS_MAX = 100;

export function patchIn(body: Members): DirectoryChange {
  const schemas = member(body, 'schemas');
  if (!Array.isArray(schemas) || !schemas.includes(`${MESSAGES}:PatchOp`))
    throw invalid(`schemas must name ${MESSAGES}:PatchOp`);
  const operations = member(body, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > OPERATIONS_MAX)
    throw new ScimFault(400, `Operations must be a list of 1 to ${OPERATIONS_MAX}`, 'invalidSyntax');
  return Object.assign({}, ...operations.map(operationIn)) as DirectoryChange;
}

function operationIn(operation: unknown): DirectoryChange {
  const op = member(operation, 'op');
  const [path, value] = [member(operation, 'path'), member(operation, 'value')];
  const kind = typeof op === 'string' ? op.toLowerCase() : '';
  if (!['add', 'replace', 'remove'].includes(kind))
    throw new ScimFault(400, 'op must be add, replace or remove', 'invalidSyntax');
  if (path === undefined || (typeof path === 'string' && path.toLowerCase() === USER.toLowerCase())) {
    if (kind === 'remove') throw new ScimFault(400, 'remove needs the path of an attribute', 'noTarget');
    return partsIn(value);
  }
  const named = typeof path === 'string' ? attributeIn(path) : unreadable();
  if (named === undefined) return {};
  if (READ_ONLY.includes(named.attribute))
    throw new ScimFault(400, `${named.attribute} is read-only`, 'mutability');
  if (kind !== 'remove') return changeIn({ [named.name]: value });
  if (named.name === 'externalid') return { externalId: null };
  if ([...SINGLE, 'name', 'name.formatted'].includes(named.name))
    throw new ScimFault(400, `${named.attribute} cannot be removed`, 'mutability');
  return {};
}

/** Without a path, or with that of the schema: each member is the path of an attribute. */
function partsIn(value: unknown): DirectoryChange {
  if (!isMembers(value)) throw invalid('without the path of an attribute the value must be an object');
  const parts = Object.entries(unwrapped(value)).map(([path, part]) => [attributeIn(path)?.name, part]);
  return changeIn(Object.fromEntries(parts.filter(([name]) => name !== undefined)));
}

const PATH = /^([A-Za-z][\w$-]*)(\[[^\]]{0,200}\])?(?:\.([A-Za-z][\w$-]*))?$/;
const CORE = /^urn:ietf:params:scim:schemas:core:/i;
const EXTENSION = /^urn:[\w:.-]{1,200}$/i;

const READ_ONLY = ['id', 'meta', 'schemas'];
const SINGLE = ['active', 'username', 'displayname', 'externalid'];
/** RFC 7643 §4.1: attributes of a User that are not kept here. */
const OTHERS = [
  ...['name', 'nickname', 'profileurl', 'title', 'usertype', 'preferredlanguage', 'locale', 'timezone'],
  ...['password', 'emails', 'phonenumbers', 'ims', 'photos', 'addresses', 'groups', 'entitlements', 'roles'],
  'x509certificates',
];

/** In lower case; undefined: it belongs to an extension. */
function attributeIn(path: string): { readonly attribute: string; readonly name: string } | undefined {
  const plain = path.toLowerCase().replace(`${USER.toLowerCase()}:`, '');
  const parts = PATH.exec(plain);
  if (parts === null) return EXTENSION.test(plain) && !CORE.test(plain) ? undefined : unreadable();
  const [, attribute = '', filter, sub] = parts;
  if (![...READ_ONLY, ...SINGLE, ...OTHERS].includes(attribute)) return unreadable();
  if (SINGLE.includes(attribute) && (filter !== undefined || sub !== undefined)) return unreadable();
  return { attribute, name: sub === undefined ? attribute : `${attribute}.${sub}` };
}

function unreadable(): never {
  throw new ScimFault(400, 'the path names no attribute of a User', 'invalidPath');
}
