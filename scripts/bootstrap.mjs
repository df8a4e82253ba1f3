#!/usr/bin/env node
// From a bare clone to a running server, tests, type check or build: node scripts/bootstrap.mjs start|test|check|build.
// Needs Node.js only. A step that has nothing to do says nothing.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureSystemPackages } from './system-packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, '.bootstrap');
const tool = {
  prisma: 'node_modules/prisma/build/index.js',
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  jest: 'node_modules/jest/bin/jest.js',
};
const generated = 'src/store/generated';

const report = (line) => console.error(`postern: ${line}`);

function fail(sentence, output = '') {
  if (output.trim() !== '') console.error(output.trim());
  report(sentence);
  process.exit(1);
}

const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

function requireNode() {
  const wanted = readJson('package.json').engines.node.match(/\d+/g).map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  fail(`Postern needs Node.js ${wanted.join('.')} or newer; this is ${process.version}.`);
}

// npm itself keeps what it has installed in node_modules/.package-lock.json, and writes it last.
function packagesInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = readJson('node_modules/.package-lock.json').packages;
  const locked = Object.entries(readJson('package-lock.json').packages).filter(([path]) => path !== '');
  return (
    locked.every(
      ([path, { optional, version }]) => (installed[path]?.version ?? (optional && version)) === version,
    ) && Object.keys(installed).length <= locked.length
  );
}

function installPackages() {
  if (packagesInstalled()) return;
  report('installing packages (npm ci)');
  // NODE_ENV=production or a --prefix given to the outer npm must not reach this one.
  const { NODE_ENV: _, npm_config_prefix: __, npm_config_local_prefix: ___, ...env } = process.env;
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000'];
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  run(
    [...npm, 'ci', '--include=dev', '--ignore-scripts', '--prefer-offline', '--loglevel=error', ...patience],
    'The packages could not be installed: is the npm registry reachable?',
    env,
  );
}

function generateClient() {
  const inputs = ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'];
  step('generate', inputs, `${generated}/client.ts`, () => {
    report('generating the database client (prisma generate)');
    run([process.execPath, tool.prisma, 'generate'], 'The database client could not be generated.');
  });
}

function build() {
  const sources = files('src').filter((file) => !file.startsWith(generated));
  const inputs = [
    ...sources,
    'prisma/schema.prisma',
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
  ];
  step('build', inputs, 'dist/main.js', () => {
    report('compiling (tsc)');
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    run([process.execPath, tool.tsc, '-p', 'tsconfig.build.json'], 'The sources do not compile.');
  });
}

function check() {
  report('checking types (tsc)');
  const types = attempt([process.execPath, tool.tsc, '-p', 'tsconfig.json']);
  report('checking lint rules and format (biome)');
  const style = attempt([process.execPath, tool.biome, 'ci', '--colors=off', '--error-on-warnings']);
  const faults = [types && 'types', style && 'lint rules or format'].filter(Boolean);
  if (faults.length > 0) fail(`Faults were found in ${faults.join(' and in ')}.`, [types, style].join('\n'));
  report('types, lint rules and format are in order');
}

function systemPackages(testArguments) {
  const hindrance = ensureSystemPackages(report);
  if (hindrance === undefined) return;
  // A run of chosen tests may not need them.
  if (testArguments.some((argument) => !argument.startsWith('-'))) report(hindrance);
  else fail(hindrance);
}

function runTests(testArguments) {
  // tsx compiles what Node.js loads; with room for what is new, half of the collections need not be.
  const flags = ['--import', 'tsx', '--disable-warning=ExperimentalWarning', '--max-semi-space-size=64'];
  const jest = spawn(process.execPath, [...flags, tool.jest, ...testArguments], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => jest.kill(signal));
  jest.on('error', (error) => fail(`The tests could not be started: ${error.message}`));
  jest.on('close', (code) => process.exit(code ?? 1));
  endWithNpm();
}

// In this process, so that signals and the exit code are the server's own and nothing is orphaned.
async function start(serverArguments) {
  const main = join(root, 'dist/main.js');
  process.chdir(root);
  process.argv.splice(1, process.argv.length, main, ...serverArguments);
  endWithNpm();
  await import(pathToFileURL(main).href);
}

// npm passes a SIGTERM to its shell, which ends without telling us: an orphan would keep the port.
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}

// Runs when the content of its inputs has changed since it last succeeded, or its output is gone.
function step(name, inputs, output, work) {
  const hash = createHash('sha256').update(process.version);
  for (const file of inputs) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  const digest = hash.digest('hex');
  const stamp = join(stamps, name);
  const last = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (last === digest && existsSync(join(root, output))) return;
  work();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, digest);
}

function files(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? files(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    )
    .sort();
}

/** @returns {string | undefined} the output of a command that failed */
function attempt([command, ...rest], env = process.env) {
  const { status, error, stdout, stderr } = spawnSync(command, rest, {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return status === 0 ? undefined : (error?.message ?? `${stdout}${stderr}`);
}

function run(command, sentence, env) {
  const output = attempt(command, env);
  if (output !== undefined) fail(sentence, output);
}

const [command, ...rest] = process.argv.slice(2);
if (!['start', 'test', 'check', 'build'].includes(command)) fail('Say one of: start, test, check, build.');
requireNode();
installPackages();
generateClient();
if (command === 'check') check();
else build();
if (command === 'test') {
  systemPackages(rest);
  runTests(rest);
}
if (command === 'start') await start(rest);
