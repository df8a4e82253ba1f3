#!/usr/bin/env node
// The operator's command line, over the same functions as the server.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { ConfigError, readConfig } from './config.ts';
import { runBackendService } from './demo/backend-service.ts';
import { backendKeysFile, DEMO_BACKEND } from './demo/seed.ts';
import { demoOrigins } from './demo/start.ts';

const USAGE = `Usage: postern <command>

Commands:
  demo-backend [--alg RS384|ES384]   get a token for the demo's backend service and read with it
                                     (SMART Backend Services); the demo must be running

Options:
  -h, --help                         print this

Settings come from the environment, as for the server.
Exit codes: 0 done, 1 refused or failed, 2 wrong usage.`;

const print = (line: string) => process.stdout.write(`${line}\n`);

function misuse(sentence: string): number {
  process.stderr.write(`postern: ${sentence}\n\n${USAGE}\n`);
  return 2;
}

async function demoBackend(alg: string): Promise<number> {
  if (alg !== 'RS384' && alg !== 'ES384') return misuse('--alg is RS384 or ES384');
  const { issuer, demo, dataDirectory } = readConfig(process.env);
  if (demo === undefined) return misuse('the demo is off: set POSTERN_DEMO=true');
  const file = backendKeysFile(dataDirectory);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept === undefined) {
    process.stderr.write(`postern: ${file} is missing: start the demo first (npm start)\n`);
    return 1;
  }
  const privateJwk = (JSON.parse(kept) as JWK[]).find((key) => key.alg === alg) as JWK;
  const { fhirBase } = demoOrigins(demo);
  const scope = 'system/Patient.rs system/Observation.rs';
  const where = { tokenEndpoint: `${issuer}/token`, fhirBase, clientId: DEMO_BACKEND };
  return runBackendService({ ...where, privateJwk, alg, scope, print });
}

async function run(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, alg: { type: 'string', default: 'RS384' } },
    });
    if (values.help) {
      print(USAGE);
      return 0;
    }
    if (positionals.length === 1 && positionals[0] === 'demo-backend') return await demoBackend(values.alg);
    return misuse(
      positionals.length === 0 ? 'name a command' : `there is no command "${positionals.join(' ')}"`,
    );
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`postern: ${error.message}\n`);
      return 1;
    }
    return misuse(error instanceof Error ? error.message : 'wrong usage');
  }
}

process.exitCode = await run(process.argv.slice(2));
