// What only a person may do is hers on the command line, too: who types there proves who she is with a token of hers.
import { readFile } from 'node:fs/promises';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import type { Actor } from '../policy/permissions.ts';
import { actorOfApiToken, withPasskey } from '../registry/api-tokens.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { RegistryRefusal } from '../registry/refusal.ts';
import { type Args, Misuse } from './command.ts';

export const PERSON_OPTION = {
  'token-file': {
    value: '<file>',
    about: 'that holds an API token of the person who does it (portal or console, API tokens)',
    required: true,
  },
} as const;

/** Two people take two tokens: who owns the shell is nobody by it. */
export async function personOf(deps: RegistryDeps, args: Args): Promise<Actor> {
  const file = args.text('token-file') ?? '';
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Misuse(`--token-file: ${file} cannot be read`);
  });
  const actor = await actorOfApiToken(deps, text.trim());
  if (actor === undefined) throw new RegistryRefusal('token_unknown');
  return { ...actor, via: 'cli' };
}

export const personWithPasskey = async (deps: RegistryDeps, args: Args): Promise<Actor> =>
  withPasskey(deps, await personOf(deps, args), FRESH_MINUTES);
