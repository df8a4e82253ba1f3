// Who answers for an app, what changes at its vendor, and its end.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { harbor, register, send, textOf } from './portal.ts';

let world: World;
let [dana, miguel]: TestBrowser[] = [];

beforeAll(async () => {
  world = await createWorld('postgresql');
  [dana, miguel] = await Promise.all(
    ['dana-whitfield', 'miguel-santos'].map((id) => staffBrowser(world, id)),
  );
});
afterAll(() => world.stop());

const as = (browser: TestBrowser | undefined): TestBrowser => {
  if (browser === undefined) throw new Error('nobody is signed in');
  return browser;
};
const read = async (browser: TestBrowser | undefined, path: string) =>
  textOf((await as(browser).open(path)).html);

test('an owner names the backup; a developer sees both and changes nothing', async () => {
  const path = `/developer/apps/${world.clientId}/people`;
  const chosen = { ownerId: 'dana-whitfield', backupOwnerId: 'miguel-santos' };
  const saved = await send(as(dana), path, path, chosen);
  expect(saved.headers.get('location')).toBe(`${path}?done=owner-saved`);
  const text = await read(miguel, path);
  expect(text).toMatch(
    /Owner Dana Whitfield Backup owner Miguel Santos .*Owners of your organization can change/,
  );
  expect((await send(as(miguel), path, path, chosen)).status).toBe(403);
});

test.each([
  [{ ownerId: 'grace-okafor', backupOwnerId: '' }],
  [{ ownerId: '', backupOwnerId: '' }],
  [{ ownerId: 'dana-whitfield', backupOwnerId: 'dana-whitfield' }],
])('who may not answer for it is refused at the field: %j', async (chosen) => {
  const path = `/developer/apps/${world.clientId}/people`;
  const answer = await send(as(dana), path, path, chosen);
  expect(answer.status).toBe(422);
  expect(await answer.text()).toMatch(/id="field-(ownerId|backupOwnerId)-fault"/);
});

describe('a recorded change', () => {
  const path = () => `/developer/apps/${world.clientId}/changes`;

  test('stops the scopes that it names at once, and says so on the overview', async () => {
    const change = {
      kind: 'subprocessor',
      description: 'Mail goes through another provider.',
      affectedScopes: 'patient/Observation.rs',
    };
    const answer = await send(as(miguel), path(), path(), change);
    expect(answer.headers.get('location')).toBe(`${path()}?done=change-recorded`);
    expect(await read(dana, path())).toMatch(/Subprocessor Mail goes .* patient\/Observation\.rs Stopped/);
    expect(await read(dana, `/developer/apps/${world.clientId}`)).toMatch(
      /stops these scopes .*patient\/Observation\.rs Submit for production/,
    );
  });

  test('without a description or a scope it is refused at both fields, and what was typed stays', async () => {
    const answer = await send(as(dana), path(), path(), { kind: 'vendor', description: '' });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain('id="field-description-fault"');
    expect(html).toContain('id="field-affectedScopes-fault"');
    expect(html).toContain('<option value="vendor" selected>');
  });

  test('in the sandbox there is none to record', async () => {
    const id = await register(as(dana), harbor(world));
    const page = await as(dana).open(`/developer/apps/${id}/changes`);
    expect(page.html).not.toContain('name="affectedScopes"');
    const forced = await send(as(dana), '/developer', `/developer/apps/${id}/changes`, {
      ...{ kind: 'vendor', description: 'x', affectedScopes: 'patient/Patient.rs' },
    });
    expect(forced.status).toBe(409);
  });
});

test('taking an app out of service asks for its name, and ends it', async () => {
  const id = await register(as(dana), { ...harbor(world), name: 'Ebb' });
  const path = `/developer/apps/${id}`;
  const wrong = await send(as(dana), `${path}/people`, `${path}/offboard`, { reason: 'Done.', name: 'ebb' });
  expect(wrong.status).toBe(422);
  const ended = await send(as(dana), `${path}/people`, `${path}/offboard`, { reason: 'Done.', name: 'Ebb' });
  expect(ended.headers.get('location')).toBe(`${path}?done=offboarded`);
  expect(await read(dana, path)).toMatch(/Out of service .*Out of service Done\./);
});
