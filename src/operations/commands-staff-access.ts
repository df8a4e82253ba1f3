import { readFile } from 'node:fs/promises';
import { commandLine } from '../policy/permissions.ts';
import { createScimToken, endScimToken, listScimTokens } from '../registry/scim-tokens.ts';
import {
  endStaffProviderOf,
  listStaffProviders,
  STAFF_PROVIDER_METHODS,
  setStaffProvider,
} from '../registry/staff-providers.ts';
import { type Command, JSON_OPTION, Misuse, printList } from './command.ts';

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
    },
    async run(deps, args, { print }) {
      const named = (option: string, name: string) => {
        const value = args.text(option);
        return value === undefined ? {} : { [name]: value };
      };
      const { providerId, redirectUri } = await setStaffProvider(deps, commandLine, args.given(0), {
        ...{ issuer: args.text('issuer'), clientId: args.text('client-id'), domains: args.texts('domain') },
        ...{ ...named('method', 'method'), ...named('acr', 'acr'), ...named('amr', 'amr') },
        ...{ clientSecret: await text(args.text('secret-file') ?? ''), required: args.isSet('required') },
      });
      print(`Provider: ${providerId}`);
      print(`Redirect URI to register there: ${redirectUri}`);
      return 0;
    },
  },
  {
    words: 'staff-provider end',
    about:
      'People of an organization sign in with their passkeys again; who came by the provider is signed out.',
    given: ['organization'],
    options: { reason: { value: '<text>', about: 'why', required: true } },
    async run(deps, args, { print }) {
      await endStaffProviderOf(deps, commandLine, args.given(0), { reason: args.text('reason') });
      print(`The provider of ${args.given(0)} is ended.`);
      return 0;
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
    },
    async run(deps, args, { print }) {
      const days = args.text('days');
      const given = { name: args.text('name'), ...(days === undefined ? {} : { days: Number(days) }) };
      const { token, id } = await createScimToken(deps, commandLine, args.given(0), given);
      print(`Token ${id}, for ${deps.settings.issuer}/scim/v2:`);
      print(token);
      return 0;
    },
  },
  {
    words: 'scim-token end',
    about: 'Ends a token of a directory at once.',
    given: ['token'],
    async run(deps, args, { print }) {
      await endScimToken(deps, commandLine, args.given(0));
      print(`${args.given(0)} is ended.`);
      return 0;
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
