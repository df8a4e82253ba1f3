import { expect, test } from '@jest/globals';
import { consoleRoutes } from '../../src/console/routes.ts';
import { developerRoutes } from '../../src/developer/routes.ts';
import { operations } from '../../src/management/operations.ts';
import { commands } from '../../src/operations/commands.ts';
import { CONSOLE_FORMS, OPEN_TO_A_TOKEN, PORTAL_FORMS, REASONS, type Same } from './page-forms.ts';

/** Stands for all that pages are given: routes are read here, none is called. */
const anything: never = new Proxy(() => undefined, {
  get: (_, name) => {
    if (name === Symbol.iterator) return [anything][Symbol.iterator].bind([anything]);
    if (name === Symbol.toPrimitive) return () => 'anything';
    return name === 'then' ? undefined : anything;
  },
  apply: () => anything,
}) as never;

const consolePages = consoleRoutes(anything);
const portalPages = developerRoutes(anything);
type Pages = Pick<typeof consolePages, 'stack'>;

const postsOf = ({ stack }: Pages) => stack.filter(({ methods }) => methods.includes('POST'));
const formsOf = (pages: Pages) => postsOf(pages).map(({ path }) => String(path));

/** How long ago at most she showed her passkey, as the form has it; `some`: its record has to be there first. */
async function passkeyMinutesOf(pages: Pages, form: string): Promise<number | 'some' | undefined> {
  const [handler] = postsOf(pages).find(({ path }) => path === form)?.stack ?? [];
  const asksAfter = async (minutes: number) => {
    const verifiedAt = new Date(Date.now() - (minutes + 1) * 60_000);
    const person = new Proxy({}, { get: (_, name) => (name === 'verifiedAt' ? verifiedAt : anything) });
    const params = new Proxy({}, { get: () => 'something' });
    const ctx = { url: form, params, query: anything, request: anything, get: anything, set: anything };
    const state = { staff: { deps: anything, area: anything, person } };
    const stopped = await Promise.resolve(handler?.({ ...ctx, state } as never, anything)).then(
      () => undefined,
      (cause: { readonly to?: string }) => cause.to,
    );
    return stopped?.startsWith('/staff/verify') === true;
  };
  for (const minutes of [5, 15]) if (await asksAfter(minutes)) return minutes;
  const text = String(handler);
  return text.includes('requireFresh(') && !text.includes('page.serious') ? 'some' : undefined;
}

const ids = operations.map(({ id }) => id);
const words = commands.map((command) => command.words);

test.each([
  ['console', formsOf(consolePages), CONSOLE_FORMS],
  ['portal', formsOf(portalPages), PORTAL_FORMS],
])('whatever a form of the %s does, the API does; a form without it says why', (_, forms, known) => {
  expect(forms.length).toBeGreaterThan(30);
  expect(forms.sort()).toEqual(Object.keys(known).sort());
  for (const [form, same] of Object.entries<Same>(known)) {
    if ('none' in same) expect(REASONS[same.none]).toBeDefined();
    else {
      expect([form, ids.includes(same[0])]).toEqual([form, true]);
      const command = same[1];
      if (command !== undefined) expect([form, words]).toEqual([form, expect.arrayContaining([command])]);
    }
  }
});

test.each([
  ['console', consolePages, CONSOLE_FORMS],
  ['portal', portalPages, PORTAL_FORMS],
])(
  'a form of the %s asks for the passkey where the API does; a token alone only takes away',
  async (_, pages, known) => {
    const odd: unknown[] = [];
    for (const [form, same] of Object.entries<Same>(known)) {
      if ('none' in same) continue;
      const api = operations.find(({ id }) => id === same[0])?.passkeyMinutes;
      const page = await passkeyMinutesOf(pages, form);
      const alike = page === 'some' ? api !== undefined : page === api;
      if (!alike && !(api === undefined && same[0] in OPEN_TO_A_TOKEN)) odd.push([form, page, same[0], api]);
    }
    expect(odd).toEqual([]);
  },
);

test('whatever the command line does to a record it can say as JSON, and each command has words of its own', () => {
  expect(new Set(words).size).toBe(words.length);
  const forms = [...Object.values(CONSOLE_FORMS), ...Object.values(PORTAL_FORMS)];
  const named = forms.flatMap((same) => ('none' in same || same[1] === undefined ? [] : [same[1]]));
  const mute = commands.filter(({ options = {}, words: own }) => named.includes(own) && !('json' in options));
  expect(mute.map((command) => command.words)).toEqual([]);
});
