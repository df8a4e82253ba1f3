#!/usr/bin/env node
// The operator's command line, over the same functions as the server.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { JWK } from 'jose';
import { type Config, ConfigError, readConfig } from './config.ts';
import { runBackendService } from './demo/backend-service.ts';
import { demoOrigins } from './demo/origins.ts';
import { backendKeysFile, DEMO_BACKEND } from './demo/seed.ts';
import { StartError } from './errors.ts';
import {
  type Args,
  type Command,
  Misuse,
  type Output,
  readArgs,
  shown,
  usageOf,
} from './operations/command.ts';
import { commands } from './operations/commands.ts';
import { keptSecret, registryKey } from './operations/secret.ts';
import { createSafeFetch } from './outside/safe-fetch.ts';
import { createSigner, readEverySigningKey, readSigningKeys, type Sign } from './provider/keys.ts';
import { RegistryRefusal } from './registry/refusal.ts';
import { faultText } from './staff/fault-words.ts';
import { openStore } from './store/database.ts';
import { MigrationError } from './store/migrator.ts';
import { isBroken, isUnavailable } from './store/unavailable.ts';
import { createMessages } from './web/messages.ts';
import { asOsUser, osUserName } from './web/os-user.ts';

const demoBackendForm = {
  words: 'demo-backend',
  about:
    "Gets a token for the demo's backend service and reads with it (SMART Backend Services); the demo must be running.",
  options: { alg: { value: '<algorithm>', about: 'RS384 without it', choices: ['RS384', 'ES384'] } },
} as const;

const forms = [...commands, demoBackendForm];
const isHelp = (word: string | undefined) => ['-h', '--help', 'help'].includes(word ?? '');

const usage = (
  listed: readonly { readonly words: string; readonly about: string }[],
) => `Usage: postern <command> [options]

Commands:
${listed.map(({ words, about }) => `  ${words.padEnd(20)}  ${about}`).join('\n')}

postern <command> --help tells what it takes. Settings come from the environment, as for the server.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage.`;

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const complain = (sentence: string) => process.stderr.write(`postern: ${sentence}\n`);
const output: Output = {
  print: (line) => process.stdout.write(`${line}\n`),
  progress: (line) => process.stderr.write(`${line}\n`),
  write: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
};

async function demoBackend(args: Args): Promise<number> {
  const { issuer, demo, dataDirectory } = readConfig(process.env);
  if (demo === undefined) throw new Misuse('the demo is off: set POSTERN_DEMO=true');
  const file = backendKeysFile(dataDirectory);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept === undefined) throw new StartError(`${file} is missing: start the demo first (npm start)`);
  const alg = args.text('alg') === 'ES384' ? 'ES384' : 'RS384';
  const privateJwk = (JSON.parse(kept) as JWK[]).find((key) => key.alg === alg) as JWK;
  const { fhirBase } = demoOrigins(demo);
  const scope = 'system/Patient.rs system/Observation.rs';
  const where = { tokenEndpoint: `${issuer}/token`, fhirBase, clientId: DEMO_BACKEND };
  return runBackendService({ ...where, privateJwk, alg, scope, print: output.print });
}

/** The same database and settings as the server's; one that is embedded belongs to one process at a time. */
async function withRegistry(config: Config, command: Command, args: Args): Promise<number> {
  const { issuer, operatorName, registry, dataDirectory } = config;
  const secret = config.secret ?? (await keptSecret(dataDirectory));
  const store = await openStore(config.database, {
    migrations: at('../prisma/migrations'),
    report: () => undefined,
  });
  try {
    const settings = { issuer, operatorName, ...registry };
    const fetch = createSafeFetch({ allowLoopback: config.allowLoopbackFetch });
    const everySigningKey = () => readEverySigningKey(store, secret);
    const sealKey = registryKey(secret);
    const sign: Sign = async (claims, typ) => createSigner(await readSigningKeys(store, secret))(claims, typ);
    const deps = {
      store,
      settings,
      fetch,
      sealKey,
      sign,
      everySigningKey,
      decisions: config.decision,
      config,
    };
    const user = osUserName({ lookUp: userInfo, uid: process.getuid?.() });
    return await asOsUser(user, () => command.run(deps, args, output));
  } finally {
    await store.close();
  }
}

async function run(words: readonly string[]): Promise<number> {
  const [first = '', second] = words;
  const family = forms.filter((one) => one.words.startsWith(`${first} `));
  const listed = usage(family.length > 0 ? family : forms);
  if (isHelp(first) || (family.length > 0 && isHelp(second))) {
    output.print(listed);
    return 0;
  }
  const form = forms.find((one) => one.words.split(' ').every((word, index) => words[index] === word));
  if (form === undefined) {
    complain(
      `${first === '' ? 'name a command' : `there is no command "${shown(words.slice(0, 2).join(' '))}"`}\n\n${listed}`,
    );
    return 2;
  }
  try {
    const args = readArgs(form, words.slice(form.words.split(' ').length));
    if (args === undefined) {
      output.print(usageOf(form));
      return 0;
    }
    if ('runAlone' in form)
      return await form.runAlone({ fetch: createSafeFetch({ allowLoopback: true }) }, args, output);
    return await ('run' in form ? withRegistry(readConfig(process.env), form, args) : demoBackend(args));
  } catch (error) {
    if (!(error instanceof Misuse)) return failed(error);
    complain(`${error.message}\n\n${usageOf(form)}`);
    return 2;
  }
}

/** One clear sentence, and for each field what is wrong with it. */
function failed(error: unknown): number {
  if (error instanceof RegistryRefusal) {
    const t = createMessages(at('../views')).translator('en');
    const faults = error.faults.map((fault) => `\n  - ${shown(fault.field)}: ${shown(faultText(fault, t))}`);
    complain(`${error.message}${faults.join('')}`);
    return 1;
  }
  const known = [ConfigError, StartError, MigrationError].some((kind) => error instanceof kind);
  if (known) complain((error as Error).message);
  else if (isUnavailable(error) && !isBroken(error)) complain('the database cannot be reached');
  else complain(`it failed: ${error instanceof Error ? error.message : 'unknown reason'}`);
  return 1;
}

// Whoever reads only the beginning (`| head`) has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
