// Whether the set-up is sound: asked of the running parts themselves, never of the settings alone.
import { type DatabaseFacts, readDatabaseFacts } from '../store/diagnosis.ts';
import { readFigures } from '../store/figures.ts';
import { type Command, type CommandDeps, JSON_OPTION } from './command.ts';

export interface Check {
  readonly name: string;
  readonly outcome: 'good' | 'warning' | 'bad';
  readonly says: string;
}

const CLOCK_WARNING_MS = 1_000;
const CLOCK_BAD_MS = 30_000;
const KEY_DAYS = 365;
const HOUR = 3_600;
const PATIENCE_MS = 3_000;

export const doctorCommands: readonly Command[] = [
  {
    words: 'doctor',
    about:
      'Checks the set-up: database, clocks, secret, keys, address, mail, queues. 0: sound, 1: something is bad.',
    options: { ...JSON_OPTION },
    async run(deps, args, { print }) {
      const checks = await examine(deps);
      if (args.isSet('json')) print(JSON.stringify(checks, null, 2));
      else
        for (const { name, outcome, says } of checks)
          print(`${outcome.padEnd(8)} ${name.padEnd(12)} ${says}`);
      return checks.some(({ outcome }) => outcome === 'bad') ? 1 : 0;
    },
  },
];

async function examine(deps: CommandDeps): Promise<readonly Check[]> {
  const before = Date.now();
  const facts = await readDatabaseFacts(deps.store);
  const middle = (before + Date.now()) / 2;
  return [
    database(facts, deps, Date.now() - before),
    clocks(facts.now.getTime() - middle),
    migrations(facts),
    await secret(deps),
    keys(facts),
    await address(deps),
    mail(deps),
    ...(await queues(deps, facts)),
    demo(deps),
  ];
}

const check = (name: string, outcome: Check['outcome'], says: string): Check => ({ name, outcome, says });

function database({ version, isolation }: DatabaseFacts, { config }: CommandDeps, took: number): Check {
  if (config.database.kind === 'embedded')
    return check(
      'database',
      'warning',
      `embedded, ${version}: for trying and developing, not for real patients`,
    );
  return check('database', 'good', `PostgreSQL ${version}, ${isolation}, answers in ${took} ms`);
}

function clocks(ahead: number): Check {
  const apart = Math.abs(ahead);
  const outcome = apart > CLOCK_BAD_MS ? 'bad' : apart > CLOCK_WARNING_MS ? 'warning' : 'good';
  return check('clock', outcome, `the database and this machine are ${Math.round(apart)} ms apart`);
}

const migrations = ({ migrations: done, unfinishedMigrations }: DatabaseFacts): Check =>
  unfinishedMigrations.length === 0
    ? check('migrations', 'good', `${done} applied, none waits`)
    : check('migrations', 'bad', `not finished: ${unfinishedMigrations.join(', ')}`);

async function secret({ everySigningKey }: CommandDeps): Promise<Check> {
  try {
    await everySigningKey();
    return check('secret', 'good', 'opens what is sealed in the database');
  } catch {
    return check(
      'secret',
      'bad',
      'POSTERN_SECRET does not open the signing keys: it is not the one that sealed them',
    );
  }
}

function keys({ signingKeys, signingKeyDays }: DatabaseFacts): Check {
  if (signingKeys === 0) return check('keys', 'warning', 'no key signs yet: the first start makes them');
  const days = signingKeyDays ?? 0;
  return check(
    'keys',
    days > KEY_DAYS ? 'warning' : 'good',
    `${signingKeys} sign, the oldest for ${days} days`,
  );
}

async function address({ settings: { issuer }, config }: CommandDeps): Promise<Check> {
  const url = `${issuer}/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    const found = ((await response.json()) as { issuer?: unknown }).issuer;
    if (found !== issuer) return check('issuer', 'bad', `${issuer} answers as another issuer`);
  } catch {
    return check('issuer', 'warning', `${issuer} does not answer: is the server running, and its proxy?`);
  }
  return config.secure
    ? check('issuer', 'good', `${issuer} answers as itself, over TLS`)
    : check('issuer', 'warning', `${issuer} answers as itself, without TLS: on this machine only`);
}

const mail = ({ config: { mail: given } }: CommandDeps): Check =>
  given.smtpUrl === undefined
    ? check('mail', 'warning', 'no POSTERN_SMTP_URL: mails are files in the data directory, nobody gets them')
    : check('mail', 'good', `goes out from ${given.from}`);

async function queues({ store }: CommandDeps, facts: DatabaseFacts): Promise<Check[]> {
  const { outboxMessages, outboxSeconds, unsealedSeconds } = await readFigures(store);
  const late = outboxSeconds > HOUR || facts.failedMessages > 0;
  const minutes = (seconds: number) => Math.round(seconds / 60);
  return [
    check(
      'notices',
      late ? 'bad' : 'good',
      `${outboxMessages} wait, the oldest for ${minutes(outboxSeconds)} minutes; ${facts.failedMessages} were given up today`,
    ),
    check(
      'signals',
      facts.troubledStreams > 0 ? 'warning' : 'good',
      `${facts.troubledStreams} streams are stopped or cannot be delivered`,
    ),
    check(
      'audit',
      unsealedSeconds > 24 * HOUR ? 'warning' : 'good',
      `the first event without a seal is ${minutes(unsealedSeconds)} minutes old`,
    ),
  ];
}

const demo = ({ config }: CommandDeps): Check =>
  config.demo !== undefined && config.database.kind === 'postgresql'
    ? check(
        'demo',
        'warning',
        'the demo is on: its people and keys are invented, turn it off for real patients',
      )
    : check('demo', 'good', config.demo === undefined ? 'off' : 'on, with the embedded database');
