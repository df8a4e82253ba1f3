import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { send, textOf } from './portal.ts';

let world: World;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
});
afterAll(() => world.stop());

const domains = '/developer/domains';
const tokens = '/developer/tokens';

test('a domain is claimed with an address and a code, and is not verified before the file is there', async () => {
  await send(dana, domains, domains, { domain: 'App.Lantern.example' });
  const text = textOf((await dana.open(domains)).html);
  expect(text).toMatch(
    /app\.lantern\.example Not verified yet .*https:\/\/app\.lantern\.example\/\.well-known\//,
  );
  const looked = await send(dana, domains, `${domains}/verify`, { domain: 'app.lantern.example' });
  expect(looked.status).toBe(422);
  expect(await looked.text()).toContain('class="fault-summary"');
});

test.each(['', 'https://a.example', 'a b', '*.example', 'x'.repeat(300)])(
  'what is no domain is refused at its field: "%s"',
  async (domain) => {
    const answer = await send(dana, domains, domains, { domain });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="field-domain-fault"');
  },
);

test('a token for the API is shown once, listed by its name, and ended', async () => {
  const made = await send(dana, tokens, tokens, { name: 'Build server', days: '7' });
  const token = /<pre class="code once"[^>]*><code>([^<]+)</.exec(await made.text())?.[1] ?? '';
  expect(token.length).toBeGreaterThan(40);
  const { html } = await dana.open(tokens);
  expect(html).not.toContain(token);
  expect(textOf(html)).toMatch(/Build server Live .* Never/);
  const end = /action="(\/developer\/tokens\/[^"]+\/end)"/.exec(html)?.[1] ?? '';
  const ended = await send(dana, tokens, end);
  expect(ended.headers.get('location')).toBe(`${tokens}?done=token-ended`);
  expect(textOf((await dana.open(tokens)).html)).toMatch(/Build server Ended/);
});

test.each([
  [{ name: '', days: '7' }, 'name'],
  [{ name: 'x', days: '9999' }, 'days'],
  [{ name: 'x', days: 'soon' }, 'days'],
])('a token without a name or with another life is refused: %j', async (fields, field) => {
  const answer = await send(dana, tokens, tokens, fields);
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain(`id="field-${field}-fault"`);
});

test('another person’s token cannot be ended', async () => {
  const miguel = await staffBrowser(world, 'miguel-santos');
  await send(miguel, tokens, tokens, { name: 'Mine', days: '7' });
  const { id } = await world.store.prisma.apiToken.findFirstOrThrow({ where: { personId: 'miguel-santos' } });
  expect((await send(dana, tokens, `${tokens}/${id}/end`)).status).toBe(404);
});

test('a token is made only soon after the passkey was shown', async () => {
  await world.store.prisma.staffSession.updateMany({
    data: { verifiedAt: new Date(Date.now() - 3_600_000) },
  });
  const answer = await send(dana, tokens, tokens, { name: 'Late', days: '7' });
  expect(answer.headers.get('location')).toBe(`/staff/verify?next=${encodeURIComponent(tokens)}`);
});
