import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { raw } from '../setup/raw-http.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;

beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());

describe('the host is the configured one', () => {
  const asked = (lines: string) => raw(world.issuer, `${lines}\r\nConnection: close\r\n\r\n`);
  const discovery = '/.well-known/openid-configuration';

  test.each([
    ['a foreign Host', `GET ${discovery} HTTP/1.1\r\nHost: evil.example`],
    ['userinfo in Host (CVE-2026-27959)', `GET ${discovery} HTTP/1.1\r\nHost: evil.example:x@localhost`],
    ['another port', `GET ${discovery} HTTP/1.1\r\nHost: localhost:1`],
    ['no Host', `GET ${discovery} HTTP/1.0`],
    ['an absolute request target', `GET http://evil.example${discovery} HTTP/1.1\r\nHost: {own}`],
    ['a target that begins with two slashes', `GET //evil.example${discovery} HTTP/1.1\r\nHost: {own}`],
  ])('%s is answered with 421 (RFC 9110 §15.5.20)', async (_what, lines) => {
    const answer = await asked(lines.replace('{own}', new URL(world.issuer).host));
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    expect(answer).not.toContain('evil.example');
  });

  test('forwarding headers change nothing', async () => {
    const lines = `GET ${discovery} HTTP/1.1\r\nHost: ${new URL(world.issuer).host}\r\nX-Forwarded-Host: evil.example`;
    const answer = await asked(
      `${lines}\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example;proto=https`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(`"token_endpoint":"${world.issuer}/token"`);
    expect(answer).not.toContain('evil.example');
  });
});
