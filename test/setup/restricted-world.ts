// The server as a role that owns nothing, with the grants of docs/audit.md, a syslog server beside it, and a story of which
// each secret is known.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { authorizationRequest, redeem, refresh } from './app-client.ts';
import { backendToken, signAssertion } from './backend-client.ts';
import { connect } from './connection.ts';
import { createDatabase, connect as session } from './database.ts';
import { decide, readOf } from './decisions.ts';
import { createProcessWorld, type ProcessWorld } from './process-world.ts';
import { introspectAs, registerResourceServer } from './registrations.ts';
import { until } from './until.ts';

export interface RestrictedWorld {
  readonly world: ProcessWorld;
  /** Of the story, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** All that the syslog server got. */
  received(): string;
  idsForwarded(): ReadonlySet<string | undefined>;
  /** Waits until the last event was forwarded. */
  forwarded(): Promise<void>;
  asOwner(sql: string): Promise<void>;
  stop(): Promise<void>;
}

async function listenForSyslog() {
  let text = '';
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { server, url: `tcp://127.0.0.1:${port}`, received: () => text };
}

type AsOwner = RestrictedWorld['asOwner'];

/** As an operator of PostgreSQL would, with what the manual says. */
async function restrictedRole(database: string, asOwner: AsOwner): Promise<string> {
  const manual = readFileSync('docs/audit.md', 'utf8');
  const grants = /```sql\n(GRANT[\s\S]+?)```/.exec(manual)?.[1] ?? '';
  const role = `postern_${Math.random().toString(36).slice(2, 10)}`;
  await asOwner(
    `CREATE ROLE ${role} LOGIN PASSWORD 'restricted'; ${grants.replaceAll('postern_server', role)}`,
  );
  const url = new URL(database);
  Object.assign(url, { username: role, password: 'restricted' });
  return url.href;
}

async function tellTheStory(world: ProcessWorld): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  const keep = (name: string, value: string | null | undefined) => {
    if (!value) throw new Error(`the story has no ${name}`);
    secrets.set(name, value);
  };
  const invitation = await world.invite();
  keep('invitation code', new URL(invitation).hash.slice(1));
  const patient = await world.patientBrowser();
  for (const { name, value } of patient.cookies) if (value.length > 16) keep(`cookie ${name}`, value);
  await patient.authorize(authorizationRequest(world).url, { decision: 'deny' });
  const held = await connect(world, patient);
  keep('code', held.callback.searchParams.get('code'));
  keep('verifier', held.request.verifier);
  keep('access token', held.accessToken);
  keep('refresh token', held.refreshToken);
  keep('id token', held.tokens.id_token);
  await world.introspect(held.accessToken);
  await decide(world, readOf(held.accessToken));
  await introspectAs(world, await registerResourceServer(world), held.accessToken);
  const refreshed = (await (await refresh(world, held.refreshToken)).json()) as Record<string, string>;
  keep('second access token', refreshed.access_token);
  keep('second refresh token', refreshed.refresh_token);
  const assertion = await signAssertion(world);
  keep('assertion', assertion);
  const backend = (await (await backendToken(world, {}, assertion)).json()) as Record<string, string>;
  keep('token of a backend', backend.access_token);
  await backendToken(world, {}, assertion);
  await world.introspect(backend.access_token ?? '');
  await redeem(world, held.request, held.callback);
  keep('secret of a resource server', world.resourceServer.secret);
  return secrets;
}

export async function createRestrictedWorld(): Promise<RestrictedWorld> {
  const database = await createDatabase();
  const asOwner = async (sql: string) => {
    const { session: owner, close } = await session(database.url);
    await owner.exec(sql).finally(close);
  };
  const { server, url, received } = await listenForSyslog();
  const settings = { POSTERN_LOG_LEVEL: 'debug', POSTERN_SYSLOG_URL: url };
  const role = await restrictedRole(database.url, asOwner);
  const world = await createProcessWorld('postgresql', settings, { url: role });
  const idsForwarded = () => new Set([...received().matchAll(/ - \{"id":"(\d+)"/g)].map(([, id]) => id));
  return {
    ...{ world, secrets: await tellTheStory(world), received, idsForwarded, asOwner },
    forwarded: async () => {
      const [last] = await world.store.sql<{ id: string }>('SELECT max(id)::text AS id FROM audit_event', []);
      await until(
        () => idsForwarded().has(last?.id),
        () => 'the last event was not forwarded',
      );
    },
    stop: async () => {
      await world.stop();
      server.close();
      await database.drop();
    },
  };
}
