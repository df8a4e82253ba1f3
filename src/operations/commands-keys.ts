import { readFile } from 'node:fs/promises';
import { commandLine } from '../policy/permissions.ts';
import { addKey, addSecret, endKey, listKeys } from '../registry/app-keys.ts';
import { type Command, done, JSON_OPTION, Misuse, printRows } from './command.ts';

export const keyCommands: readonly Command[] = [
  {
    words: 'key list',
    about: 'Lists the keys and secrets of an app, the newest first.',
    given: ['app'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      return printRows(output, args, await listKeys(deps, commandLine, args.given(0)), [
        ['id', ({ id }) => id],
        ['kind', ({ kind }) => kind],
        ['kid', ({ kid }) => kid],
        ['since', ({ createdAt }) => createdAt],
        ['until', ({ revokedAt, endsAt }) => revokedAt ?? endsAt],
        ['last used', ({ lastUsedAt }) => lastUsedAt],
      ]);
    },
  },
  {
    words: 'key add',
    about: 'Registers a public key of an app.',
    given: ['app', 'file'],
    options: JSON_OPTION,
    async run(deps, args, output) {
      const jwk = await readFile(args.given(1), 'utf8').catch(() => {
        throw new Misuse(`${args.given(1)} cannot be read: it holds one JWK (RFC 7517)`);
      });
      const key = await addKey(deps, commandLine, args.given(0), jwk);
      return done(output, args, key, `${key.id} (${key.kid}) is good until ${key.endsAt.toISOString()}.`);
    },
  },
  {
    words: 'key secret',
    about: 'Draws a secret of an app, shown once.',
    ...{ given: ['app'], options: JSON_OPTION },
    async run(deps, args, output) {
      const added = await addSecret(deps, commandLine, args.given(0));
      return done(output, args, added, added.secret);
    },
  },
  {
    words: 'key end',
    about: 'Ends a key or secret of an app: at once, or after an overlap with the one that follows it.',
    given: ['app', 'key'],
    options: {
      reason: { value: '<text>', about: 'why: it is kept', required: true },
      'overlap-days': { value: '<days>', about: 'how long it is accepted yet' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const days = args.text('overlap-days');
      if (days !== undefined && !/^\d{1,3}$/.test(days))
        throw new Misuse('--overlap-days is a number of days');
      const ending = {
        when: days === undefined ? ('now' as const) : Number(days),
        reason: args.text('reason') ?? '',
      };
      const ended = await endKey(deps, commandLine, args.given(0), args.given(1), ending);
      const at = (ended.revokedAt ?? ended.endsAt).toISOString();
      return done(output, args, ended, `${args.given(1)} ends at ${at}.`);
    },
  },
];
