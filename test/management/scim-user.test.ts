import { describe, expect, test } from '@jest/globals';
import { ScimFault } from '../../src/management/scim-fault.ts';
import { patchIn } from '../../src/management/scim-patch.ts';
import { filterIn, pageIn, replacementIn } from '../../src/management/scim-user.ts';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const patch = (...operations: unknown[]) => patchIn({ schemas: [PATCH], Operations: operations });

function faultOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof ScimFault) return error.scimType;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a PATCH (RFC 7644 §3.5.2)', () => {
  test.each<[string, object, object]>([
    ['a path', { op: 'replace', path: 'active', value: false }, { active: false }],
    [
      '"False", as a widely used directory says it',
      { op: 'Replace', path: 'active', value: 'False' },
      { active: false },
    ],
    [
      'no path',
      { op: 'replace', value: { active: false, displayName: 'Noor' } },
      { active: false, name: 'Noor' },
    ],
    [
      'the whole name of an attribute',
      { op: 'add', path: `${USER}:externalId`, value: 'x' },
      { externalId: 'x' },
    ],
    ['a part of an attribute', { op: 'replace', path: 'name.formatted', value: 'Noor' }, { name: 'Noor' }],
    ['the schema as the path', { op: 'replace', path: USER, value: { active: false } }, { active: false }],
    ['the schema around it', { op: 'replace', value: { [USER]: { active: false } } }, { active: false }],
    ['the schema before it', { op: 'replace', value: { [`${USER}:active`]: false } }, { active: false }],
    [
      'the schema before it, in other letters',
      { op: 'replace', path: `${USER.toUpperCase()}:ACTIVE`, value: 'False' },
      { active: false },
    ],
    [
      'parts, with an extension and what is only read',
      {
        op: 'add',
        value: { id: 'x', active: false, 'name.givenName': 'N', [ENTERPRISE]: { department: 'x' } },
      },
      { active: false },
    ],
    ['an extension', { op: 'add', path: `${ENTERPRISE}:department`, value: 'x' }, {}],
    ['what is taken away', { op: 'remove', path: 'externalId' }, { externalId: null }],
    ['what is not kept', { op: 'replace', path: 'title', value: 'Dr' }, {}],
    [
      'what is not kept of a list',
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'a@b.example' },
      {},
    ],
  ])('%s', (_what, operation, change) => expect(patch(operation)).toEqual(change));

  test('of several the last one counts', () => {
    const [one, other] = [false, true].map((value) => ({ op: 'replace', path: 'active', value }));
    expect(patch(one, other)).toEqual({ active: true });
  });

  test.each<[string, () => unknown, string]>([
    [
      'no schema',
      () => patchIn({ Operations: [{ op: 'add', path: 'active', value: true }] }),
      'invalidValue',
    ],
    ['no operations', () => patch(), 'invalidSyntax'],
    [
      'too many',
      () => patch(...Array(101).fill({ op: 'add', path: 'active', value: true })),
      'invalidSyntax',
    ],
    ['an operation that is none', () => patch('active'), 'invalidSyntax'],
    ['an op unknown', () => patch({ op: 'move', path: 'active' }), 'invalidSyntax'],
    ['a path that cannot be read', () => patch({ op: 'add', path: 'a b', value: 1 }), 'invalidPath'],
    ['an attribute unknown', () => patch({ op: 'replace', path: 'activ', value: false }), 'invalidPath'],
    ['one of no User', () => patch({ op: 'replace', value: { [`${USER}s:active`]: false } }), 'invalidPath'],
    [
      'a part of what has none',
      () => patch({ op: 'add', path: 'active.value', value: false }),
      'invalidPath',
    ],
    ['the schema, and no object', () => patch({ op: 'add', path: USER, value: false }), 'invalidValue'],
    ['its id', () => patch({ op: 'add', path: 'id', value: 'x' }), 'mutability'],
    ['what must be there, taken away', () => patch({ op: 'remove', path: 'active' }), 'mutability'],
    ['nothing named to take away', () => patch({ op: 'remove' }), 'noTarget'],
    ['active that is neither', () => patch({ op: 'add', path: 'active', value: 1 }), 'invalidValue'],
    ['no object without a path', () => patch({ op: 'add', value: 'x' }), 'invalidValue'],
  ])('%s is refused', (_what, work, type) => expect(faultOf(work)).toBe(type));
});

describe('a PUT (RFC 7644 §3.5.1)', () => {
  test('names of attributes are compared without case, what is left out is cleared', () => {
    const user = {
      Schemas: [USER],
      USERNAME: 'a@b.example',
      name: { givenName: 'Noor', familyName: 'Haddad' },
    };
    expect(replacementIn(user)).toEqual({ userName: 'a@b.example', name: 'Noor Haddad', externalId: null });
  });

  test('what stands under the name of the schema', () => {
    const user = { schemas: [USER], [USER]: { userName: 'a@b.example', active: false } };
    expect(replacementIn(user)).toMatchObject({ userName: 'a@b.example', active: false });
  });

  test('without schema, without userName', () => {
    expect(faultOf(() => replacementIn({ userName: 'a@b.example' }))).toBe('invalidValue');
    expect(faultOf(() => replacementIn({ schemas: [USER] }))).toBe('invalidValue');
  });
});

describe('a question (RFC 7644 §3.4.2)', () => {
  test.each([
    ['userName eq "a@b.example"', { userName: 'a@b.example' }],
    ['EXTERNALID Eq "a \\" b"', { externalId: 'a " b' }],
    [undefined, {}],
  ])('%s', (filter, asked) => expect(filterIn(filter)).toEqual(asked));

  test.each([
    ['name co "x"', 'userName eq x', 'userName eq "\\u0000"', 'userName eq "x" or id eq "y"', ['a', 'b']],
  ])('filters that are not answered', (...filters) => {
    for (const filter of filters) expect(faultOf(() => filterIn(filter))).toBe('invalidFilter');
  });

  test('pages count from 1 and hold 200 at most', () => {
    expect(pageIn({})).toEqual({ startIndex: 1, skip: 0, take: 100 });
    expect(pageIn({ startIndex: '-3', count: '1000' })).toEqual({ startIndex: 1, skip: 0, take: 200 });
    expect(pageIn({ startIndex: '11', count: '-1' })).toEqual({ startIndex: 11, skip: 10, take: 0 });
    expect(faultOf(() => pageIn({ count: '1e3' }))).toBe('invalidValue');
  });
});
