import { readFile } from 'node:fs/promises';
import type { Jwks } from '../audit/signed-statement.ts';
import { StartError } from '../errors.ts';
import { PATHS } from '../provider/endpoints.ts';
import { type Args, type CommandDeps, Misuse } from './command.ts';

export const KEY_OPTIONS = {
  jwks: { value: '<file>', about: 'a JSON Web Key Set: nothing is fetched' },
  issuer: { value: '<url>', about: 'whose published keys are fetched' },
} as const;

/** With which a statement is checked: those of a file, or those that an issuer publishes. */
export async function keysOf({ fetch }: CommandDeps, args: Args): Promise<Jwks> {
  const [file, issuer] = [args.text('jwks'), args.text('issuer')];
  if ((file === undefined) === (issuer === undefined))
    throw new Misuse('say --jwks <file> or --issuer <url>');
  if (file !== undefined) return JSON.parse(await readFile(file, 'utf8')) as Jwks;
  const fetched = await fetch(`${issuer}${PATHS.jwks}`);
  if ('fault' in fetched) throw new StartError(`the keys of ${issuer} cannot be read: ${fetched.fault}`);
  return JSON.parse(fetched.answer.text) as Jwks;
}
