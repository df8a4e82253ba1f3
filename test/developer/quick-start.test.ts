import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { quickStart } from '../../src/developer/quick-start.ts';
import { makePasskey } from '../browser/steps.ts';
import { backendKey } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { openChromium } from '../setup/chromium.ts';
import { freePorts } from '../setup/ports.mjs';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { harbor, register } from './portal.ts';

let world: World;
let dana: TestBrowser;
let folder: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
  folder = await mkdtemp(join(tmpdir(), 'postern-quick-start-'));
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

const unescaped = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** The programs as the page prints them. */
async function printed(id: string): Promise<string[]> {
  const { html } = await dana.open(`/developer/apps/${id}/quick-start`);
  return [...html.matchAll(/<pre class="code"[^>]*><code>([\s\S]*?)<\/code><\/pre>/g)].map(([, code]) =>
    unescaped(code ?? ''),
  );
}

async function start(name: string, code: string, environment: Readonly<Record<string, string>> = {}) {
  const file = join(folder, name);
  await writeFile(file, code);
  const run = spawn(process.execPath, [file], { env: { ...process.env, ...environment } });
  let output = '';
  const said = new Promise<string>((resolve) => run.once('close', () => resolve(output)));
  const wait = async (pattern: RegExp) => {
    while (!pattern.test(output)) {
      if (run.exitCode !== null) throw new Error(output);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return pattern.exec(output)?.[1] ?? '';
  };
  for (const stream of [run.stdout, run.stderr])
    stream.on('data', (data) => {
      output += String(data);
    });
  return { said, wait };
}

async function appAt(port: number | undefined): Promise<string> {
  const redirectUris = `http://localhost:${port}/app`;
  return register(dana, { ...harbor(world), redirectUris, origins: `http://localhost:${port}` });
}

test('the program for the browser reads the record in Chromium (fhirclient)', async () => {
  const [port] = await freePorts(1);
  const [page = ''] = await printed(await appAt(port));
  const library = dirname(createRequire(import.meta.url).resolve('fhirclient/package.json'));
  const script = await readFile(join(library, 'build', 'fhir-client.pure.min.js'));
  const server: Server = createServer((request, response) => {
    const isScript = request.url?.endsWith('.js') === true;
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  const chromium = await openChromium();
  try {
    const { page: tab } = await chromium.person();
    await makePasskey(tab, await world.invite());
    await tab.goto(`http://localhost:${port}/app`);
    await tab.getByRole('button', { name: 'Connect my health record' }).click();
    await tab.getByRole('heading', { level: 1, name: 'Share your health record with Harbor?' }).waitFor();
    for (const kind of ['Name and contact details', 'Lab results'])
      await tab.getByRole('checkbox', { name: kind, exact: true }).check();
    await tab.getByRole('button', { name: 'Share', exact: true }).click();
    const out = tab.locator('#out', { hasText: /\d+ results of/ });
    await out.waitFor();
    expect(await out.textContent()).toMatch(/^[1-9]\d* results of \w+ \w+$/);
  } finally {
    await chromium.close();
    server.close();
  }
});

test('the program for Node.js reads the record (openid-client)', async () => {
  const [port] = await freePorts(1);
  const [, program = ''] = await printed(await appAt(port));
  const { said, wait } = await start('node.mjs', program);
  const url = await wait(/^Open (\S+)/m);
  const patient = await world.patientBrowser();
  const callback = await patient.authorize(url, { duration: 'once' });
  await (await fetch(callback)).text();
  expect(await said).toMatch(/^[1-9]\d* results of \S+$/m);
});

test('the program of a backend service reads patients (openid-client)', async () => {
  const [program = ''] = await printed(world.backendId);
  const keyFile = join(folder, 'key.json');
  await writeFile(keyFile, JSON.stringify(await backendKey(world, 'ES384')));
  const { said } = await start('backend.mjs', program, { PRIVATE_KEY_FILE: keyFile });
  expect(await said).toMatch(/^[1-9]\d* patients$/m);
});

describe('what stands in the programs', () => {
  const values = { issuer: 'https://a.example', fhirBase: '', clientId: 'c', redirectUri: '' };

  test.each([`'; alert(1); '`, '\\', '\n', '</script><script>alert(1)</script>', '{{issuer}}'])(
    'a value stays text in every program: %j',
    (scope) => {
      const code = quickStart('browser', { ...values, scope });
      const literal = /scope: ('.*'),$/m.exec(code)?.[1] ?? '';
      // biome-ignore lint/security/noGlobalEval: the program's own text is what is read
      expect(globalThis.eval(literal)).toBe(scope);
      expect(code.match(/<\/script>/g)).toHaveLength(2);
    },
  );

  test('the programs shown fit the app: a confidential one has none for the browser', async () => {
    const id = await register(dana, { ...harbor(world), authMethod: 'client_secret_basic' });
    const programs = await printed(id);
    expect(programs).toHaveLength(1);
    expect(programs[0]).toContain('CLIENT_SECRET');
    expect(programs[0]).toContain(`'${id}'`);
  });
});
