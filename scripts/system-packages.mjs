// Finds what the tests need of the system, Chromium and a PostgreSQL server, and installs it on Debian as root.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const DEBIAN_PACKAGES = {
  Chromium: ['chromium', 'fonts-liberation'],
  'a PostgreSQL server (initdb, postgres)': ['postgresql'],
};

const searchPath = () => (process.env.PATH ?? '').split(delimiter).filter(Boolean);

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns {string | undefined} the path of a Chromium or Chrome */
export function findChromium() {
  return searchPath()
    .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
    .concat('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome')
    .find(executable);
}

/** @returns {string | undefined} the folder that holds initdb and postgres, of the newest version */
export function findPostgres() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions
    .map((version) => join(root, version, 'bin'))
    .concat(searchPath())
    .find((folder) => executable(join(folder, 'initdb')) && executable(join(folder, 'postgres')));
}

function missingNeeds() {
  const found = [findChromium(), findPostgres()];
  return Object.keys(DEBIAN_PACKAGES).filter((_, index) => found[index] === undefined);
}

/** @param {(line: string) => void} report @returns {string | undefined} what hinders, in one sentence */
export function ensureSystemPackages(report) {
  const missing = missingNeeds();
  if (missing.length === 0) return undefined;
  const packages = missing.flatMap((need) => DEBIAN_PACKAGES[need]);
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  const advice = `The tests need ${missing.join(' and ')}. On Debian, as root: ${command}`;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return advice;

  report(`installing ${packages.join(', ')} (apt-get)`);
  const failure = withoutMainCluster(() => aptGet('update') ?? aptGet('install', ...packages));
  if (failure !== undefined) return `${failure}\nThe system packages could not be installed. ${advice}`;
  const still = missingNeeds();
  return still.length === 0 ? undefined : `After the installation ${still.join(' and ')} is still missing.`;
}

// Debian's package would make and start a cluster of its own; the tests make theirs.
function withoutMainCluster(install) {
  const folder = '/etc/postgresql-common/createcluster.d';
  const file = join(folder, 'postern.conf');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'create_main_cluster = false\n');
  try {
    return install();
  } finally {
    rmSync(file, { force: true });
    removeIfEmpty(folder);
    removeIfEmpty('/etc/postgresql-common');
  }
}

function removeIfEmpty(folder) {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function aptGet(...action) {
  const { status, stdout, stderr, error } = spawnSync(
    'apt-get',
    ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...action],
    { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 64 << 20 },
  );
  return status === 0 ? undefined : (error?.message ?? `${stdout}${stderr}`.trim());
}
