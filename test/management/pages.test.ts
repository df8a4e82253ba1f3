import { expect, test } from '@jest/globals';
import { consoleRoutes } from '../../src/console/routes.ts';
import { developerRoutes } from '../../src/developer/routes.ts';
import { operations } from '../../src/management/operations.ts';
import { commands } from '../../src/operations/commands.ts';
import { CONSOLE_FORMS, PORTAL_FORMS, REASONS, type Same } from './page-forms.ts';

/** Stands for all that pages are given: routes are read here, none is called. */
const anything: never = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.iterator ? [][Symbol.iterator].bind([]) : anything),
  apply: () => anything,
}) as never;

const formsOf = (routes: { readonly stack: readonly { methods: string[]; path: unknown }[] }) =>
  routes.stack.filter(({ methods }) => methods.includes('POST')).map(({ path }) => String(path));

const ids = operations.map(({ id }) => id);
const words = commands.map((command) => command.words);

test.each([
  ['console', formsOf(consoleRoutes(anything)), CONSOLE_FORMS],
  ['portal', formsOf(developerRoutes(anything)), PORTAL_FORMS],
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

test('whatever the command line does to a record it can say as JSON, and each command has words of its own', () => {
  expect(new Set(words).size).toBe(words.length);
  const forms = [...Object.values(CONSOLE_FORMS), ...Object.values(PORTAL_FORMS)];
  const named = forms.flatMap((same) => ('none' in same || same[1] === undefined ? [] : [same[1]]));
  const mute = commands.filter(({ options = {}, words: own }) => named.includes(own) && !('json' in options));
  expect(mute.map((command) => command.words)).toEqual([]);
});
