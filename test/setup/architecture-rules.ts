// The rules of the architecture as functions from a file to its faults; test/architecture.test.ts applies them.

import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export type Check = (file: SourceFile) => readonly string[];

const GENERATED = 'src/store/generated';
const WORDS = [
  'errors',
  'config-addresses',
  'config-audit',
  'config-break-glass',
  'config-decision',
  'config-observability',
  'config-consent',
  'config-demo',
  'config-representation',
  'config-trust',
  'config',
  'audit-change',
  'audit-diagnosis',
  'audit-event',
];
const PROCESSES = ['main', 'cli'];
const FEATURES = [
  ...['introspection', 'patient', 'developer', 'console', 'management', 'decision', 'monitoring', 'signals'],
  ...['trust', 'operations'],
];
const ORDER: readonly (readonly string[])[] = [
  WORDS,
  ...['smart', 'policy', 'store', 'outside', 'web', 'passkeys', 'provider', 'audit', 'registry', 'staff'].map(
    (folder) => [folder],
  ),
  FEATURES,
  ['demo'],
  ['app'],
  PROCESSES,
];

const FENCES: readonly (readonly [RegExp, ...string[]])[] = [
  // The demo's identity provider is a second one, of which Postern is the relying party.
  [/^oidc-provider(\/|$)/, 'provider', 'demo'],
  [/^openid-client(\/|$)/, 'trust'],
  [/^(@prisma\/|prisma(\/|$)|pg(-[\w-]+)?(\/|$)|@electric-sql\/|pglite-prisma-adapter)/, 'store'],
  [/^@simplewebauthn\/server(\/|$)/, 'passkeys'],
  [/^(undici|nodemailer)(\/|$)/, 'outside'],
  [/^@opentelemetry\//, 'outside'],
  [/^prom-client(\/|$)/, 'operations'],
];

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\b(await|async|Promise)\b/, 'waits'],
  [/\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(|\bperformance\.now\b/, 'reads the clock'],
  [/\bMath\.random\b|\brandom(Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/, 'is random'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'sets a timer'],
];

/** The specifier of every static, re-exporting and dynamic import, of types too. */
export function importsOf(text: string): string[] {
  const forms = [
    /^\s*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\(\s*['"`]([^'"`]+)['"`]/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ''));
}

// The folder of a file below src, or the name of a file that stands in src itself.
function placeOf(path: string): string {
  const [first = ''] = posix.relative('src', path).split('/');
  return first.replace(/\.ts$/, '');
}

const rankOf = (place: string) => ORDER.findIndex((places) => places.includes(place));

export const importsOnlyFromTheLeft: Check = ({ path, text }) => {
  const place = placeOf(path);
  if (rankOf(place) < 0) return [`${path}: src/${place} has no place in the order of folders`];
  return importsOf(text)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier))
    .filter((target) => {
      const other = placeOf(target);
      const allowed = other === place || (WORDS.includes(place) && WORDS.includes(other));
      return (
        !target.startsWith('src/') || (!allowed && !(rankOf(other) >= 0 && rankOf(other) < rankOf(place)))
      );
    })
    .map((target) => `${path} imports ${target}, which is not to its left`);
};

export const librariesStayInTheirFolder: Check = ({ path, text }) =>
  importsOf(text).flatMap((specifier) => {
    const generated =
      specifier.startsWith('.') && posix.join(posix.dirname(path), specifier).startsWith(GENERATED);
    const [, ...fenced] = FENCES.find(([library]) => library.test(specifier)) ?? [];
    const homes = generated ? ['store'] : fenced;
    return homes.length === 0 || homes.includes(placeOf(path))
      ? []
      : [`${path} imports ${specifier}: only src/${homes.join(' and src/')} may`];
  });

const ENVIRONMENT =
  /\bprocess\s*(\??\.|\[)\s*['"]?env\b|\benv\b[^;'"]*from 'node:process'|\benv\b[^;]*\}\s*=\s*process\b/;

export const environmentIsReadOnce: Check = ({ path, text }) =>
  !PROCESSES.includes(placeOf(path)) && ENVIRONMENT.test(text)
    ? [`${path} reads process.env: only main.ts and cli.ts may`]
    : [];

export const rulesArePure: Check = ({ path, text }) => {
  if (!['smart', 'policy'].includes(placeOf(path))) return [];
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
  const effects = IMPURE.filter(([effect]) => effect.test(code)).map(([, what]) => `${path} ${what}`);
  const modules = importsOf(text).filter((specifier) => specifier.startsWith('node:'));
  return [...effects, ...modules.map((specifier) => `${path} imports ${specifier}`)];
};

/** smart/ can be published by itself. */
export const smartStandsAlone: Check = ({ path, text }) =>
  placeOf(path) !== 'smart'
    ? []
    : importsOf(text)
        .filter((specifier) => specifier.startsWith('.') && !/^\.\/[^/]+$/.test(specifier))
        .map((specifier) => `${path} imports ${specifier}, which is not of smart/`);

export const fileIsShort: Check = ({ path, text }) => {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines < 200 ? [] : [`${path} has ${lines} lines: 199 are the most`];
};

export const foldersAreOneLevelDeep: Check = ({ path }) =>
  path.split('/').length <= 3 ? [] : [`${path} stands below a folder of a folder`];

export const isNoBarrel: Check = ({ path, text }) => {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const rest = code.replace(/\bexport\s+(type\s+)?(\*|\{)[^;'"`]*?\bfrom\s*['"][^'"]+['"]\s*;?/g, '');
  return code.trim() !== '' && rest.trim() === '' ? [`${path} only re-exports`] : [];
};

export const hasASubject: Check = ({ path }) =>
  path.split('/').some((part) => /^(utils?|helpers?|common|misc)(\.|$)/.test(part))
    ? [`${path} is named for no subject`]
    : [];

/** Where this checkout stands: true of one machine only. */
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

export const namesNothingPrivate: Check = ({ path, text }) => [
  ...(/\bregistry\.(npm|yarn)[\w-]*\.|\bnpmjs\.(org|com)\b/.test(text)
    ? [`${path} names a package registry's host`]
    : []),
  ...(text.includes(CHECKOUT) || /(^|[\s'"`(=:])\/(home|root|Users)\/\w/m.test(text)
    ? [`${path} names a path of one machine`]
    : []),
];

export const lockFileNamesNoHost: Check = ({ path, text }) =>
  path.endsWith('package-lock.json') && /"resolved"\s*:/.test(text)
    ? [`${path} says where packages came from`]
    : [];
