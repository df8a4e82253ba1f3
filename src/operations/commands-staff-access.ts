import { readFile } from 'node:fs/promises';
import { commandLine } from '../policy/permissions.ts';
import { createScimToken, endScimToken, listScimTokens } from '../registry/scim-tokens.ts';
import {
  endStaffProviderOf,
  listStaffProviders,
  STAFF_PROVIDER_METHODS,
  setStaffProvider,
} from '../registry/staff-providers.ts';
import { type Command, done, JSON_OPTION, Misuse, printList } from './command.ts';

const text = (path: string): Promise<string> =>
  readFile(path, 'utf8').then(
    (content) => content.trim(),
    (cause: NodeJS.ErrnoException) => {
      throw new Misuse(`${path} cannot be read (${cause.code})`);
    },
  );

const all = <Row>(rows: readonly Row[]) => Promise.resolve({ rows, next: null });

export const staffAccessCommands: readonly Command[] = [
  {
    words: 'staff-provider set',
    about:
      'People of an organization sign in at its OpenID provider from now on, beside or before their passkeys.',
    given: ['organization'],
    options: {
      issuer: { value: '<url>', about: 'of the provider', required: true },
      'client-id': { value: '<id>', about: 'ours, at the provider', required: true },
      'secret-file': { value: '<file>', about: 'that holds our client secret', required: true },
      domain: { value: '<host>', about: 'of mail addresses, proved by it', required: true, multiple: true },
      method: { value: '<method>', about: 'how we prove who we are', choices: STAFF_PROVIDER_METHODS },
      acr: { value: '<value>', about: 'what the id_token must say as acr' },
      amr: { value: '<value>', about: 'what must be among its amr' },
      required: { about: 'a passkey alone signs nobody in but operators' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const named = (option: string, name: string) => {
        const value = args.text(option);
        return value === undefined ? {} : { [name]: value };
      };
      const set = await setStaffProvider(deps, commandLine, args.given(0), {
        ...{ issuer: args.text('issuer'), clientId: args.text('client-id'), domains: args.texts('domain') },
        ...{ ...named('method', 'method'), ...named('acr', 'acr'), ...named('amr', 'amr') },
        ...{ clientSecret: await text(args.text('secret-file') ?? ''), required: args.isSet('required') },
      });
      const told = `Provider: ${set.providerId}\nRedirect URI to register there: ${set.redirectUri}`;
      return done(output, args, set, told);
    },
  },
  {
    words: 'staff-provider end',
    about:
      'People of an organization sign in with their passkeys again; who came by the provider is signed out.',
    given: ['organization'],
    options: { reason: { value: '<text>', about: 'why', required: true }, ...JSON_OPTION },
    async run(deps, args, output) {
      await endStaffProviderOf(deps, commandLine, args.given(0), { reason: args.text('reason') });
      return done(
        output,
        args,
        { organizationId: args.given(0) },
        `The provider of ${args.given(0)} is ended.`,
      );
    },
  },
  {
    words: 'staff-provider list',
    about: 'Lists the OpenID providers of an organization, the latest first.',
    given: ['organization'],
    options: JSON_OPTION,
    run: (deps, args, output) =>
      printList(output, args, async () => all(await listStaffProviders(deps, commandLine, args.given(0))), [
        ['id', ({ id }) => id],
        ['issuer', ({ issuer }) => issuer],
        ['domains', ({ domains }) => domains.join(' ')],
        ['required', ({ required }) => (required ? 'yes' : 'no')],
        ['ended', ({ endedAt }) => endedAt],
      ]),
  },
  {
    words: 'scim-token create',
    about: "Makes a token with which an organization's directory tells who has left (SCIM 2.0). Shown once.",
    given: ['organization'],
    options: {
      name: { value: '<name>', about: 'what it is for', required: true },
      days: { value: '<days>', about: 'how long it is good: 365 at most' },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const days = args.text('days');
      const given = { name: args.text('name'), ...(days === undefined ? {} : { days: Number(days) }) };
      const made = await createScimToken(deps, commandLine, args.given(0), given);
      const told = `Token ${made.id}, for ${deps.settings.issuer}/scim/v2:\n${made.token}`;
      return done(output, args, made, told);
    },
  },
  {
    words: 'scim-token end',
    about: 'Ends a token of a directory at once.',
    given: ['token'],
    options: { reason: { value: '<text>', about: 'why: it is kept', required: true }, ...JSON_OPTION },
    async run(deps, args, output) {
      await endScimToken(deps, commandLine, args.given(0), { reason: args.text('reason') });
      return done(output, args, { tokenId: args.given(0) }, `${args.given(0)} is ended.`);
    },
  },
  {
    words: 'scim-token list',
    about: 'Lists the tokens of the directory of an organization, the latest first.',
    given: ['organization'],
    options: JSON_OPTION,
    run: (deps, args, output) =>
      printList(output, args, async () => all(await listScimTokens(deps, commandLine, args.given(0))), [
        ['id', ({ id }) => id],
        ['name', ({ name }) => name],
        ['until', ({ expiresAt }) => expiresAt],
        ['used', ({ lastUsedAt }) => lastUsedAt],
        ['ended', ({ revokedAt }) => revokedAt],
      ]),
  },
];
