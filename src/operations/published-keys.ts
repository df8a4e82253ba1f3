import { readFile } from 'node:fs/promises';
import type { Jwks } from '../audit/signed-statement.ts';
import { StartError } from '../errors.ts';
import { STATEMENT_KEYS_PATH } from '../provider/statement-keys.ts';
import { type Args, type CommandDeps, Misuse } from './command.ts';

export const KEY_OPTIONS = {
  jwks: { value: '<file>', about: 'a JSON Web Key Set: nothing is fetched' },
  issuer: { value: '<url>', about: 'whose published keys are fetched' },
} as const;

/** With which a statement is checked: those of a file, or those that an issuer publishes, the retired ones too. */
export async function keysOf({ fetch }: Pick<CommandDeps, 'fetch'>, args: Args): Promise<Jwks> {
  const [file, issuer] = [args.text('jwks'), args.text('issuer')];
  if ((file === undefined) === (issuer === undefined))
    throw new Misuse('say --jwks <file> or --issuer <url>');
  if (file !== undefined) return readSet(await textOf(file));
  const fetched = await fetch(`${issuer?.replace(/\/$/, '')}${STATEMENT_KEYS_PATH}`);
  if ('fault' in fetched) throw new StartError(`the keys of ${issuer} cannot be read: ${fetched.fault}`);
  return readSet(fetched.answer.text);
}

export const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new Misuse(`${file} cannot be read`);
  });

/** RFC 7517 §5. */
function readSet(json: string): Jwks {
  try {
    const { keys } = JSON.parse(json) as Partial<Jwks>;
    if (Array.isArray(keys)) return { keys };
  } catch {
    // It is told below, as what is JSON and no set.
  }
  throw new StartError('this is no JSON Web Key Set');
}
