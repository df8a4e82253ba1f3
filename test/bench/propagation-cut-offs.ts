// Suspensions through the management API of one instance: every token of the app ends with one answer.
import { createHash, randomBytes } from 'node:crypto';
import { connect } from '../setup/database.ts';
import { BenchFault } from './bench.ts';
import type { Judged } from './propagation.ts';
import {
  APPS,
  createAsker,
  type Instances,
  SUSPENDED_APPS,
  SUSPENDED_FIRST,
  TOKENS_OF_SUSPENDED,
} from './propagation-instances.ts';
import { appId } from './seed-registry.ts';

/** App by app, and every second time the organization that answers for it. */
export async function cutOff(instances: Instances): Promise<Judged> {
  const operator = await operatorToken(instances.databaseUrl);
  const asker = createAsker(instances, instances.b.port);
  let stalePermits = 0;
  for (let app = 0; app < SUSPENDED_APPS; app += 1) {
    const tokens = tokensOf(instances, app);
    for (const token of tokens)
      if ((await asker.isActive(token)).active !== true) throw new BenchFault('a token is not active before');
    const id = APPS + app + 1;
    const path = app % 2 === 0 ? `apps/${appId(id)}` : `organizations/org-${id}`;
    const answer = await fetch(`${instances.a.issuer}/api/v1/${path}/suspend`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'a bench suspends it' }),
    });
    if (!answer.ok) throw new BenchFault(`the suspension was refused: ${await answer.text()}`);
    for (const token of tokens) if ((await asker.isActive(token)).active !== false) stalePermits += 1;
  }
  asker.close();
  return { revocations: SUSPENDED_APPS * TOKENS_OF_SUSPENDED, stalePermits };
}

// Tokens take turns with the apps (seed-tokens): that of grant g is app first + g % count.
function tokensOf({ token }: Instances, app: number): string[] {
  const all = Array.from(
    { length: SUSPENDED_APPS * TOKENS_OF_SUSPENDED },
    (_, index) => SUSPENDED_FIRST + index,
  );
  return all.filter((n) => n % SUSPENDED_APPS === app).map(token);
}

async function operatorToken(url: string): Promise<string> {
  const token = `postern_api_${randomBytes(32).toString('base64url')}`;
  const { session, close } = await connect(url);
  await session.exec(
    `INSERT INTO person_role (id, person_id, role, granted_by) VALUES ('bench', 'operator', 'operator', 'bench')`,
  );
  await session.query(
    `INSERT INTO api_token (id, person_id, name, expires_at) VALUES ($1, 'operator', 'bench', now() + interval '1 day')`,
    [createHash('sha256').update(token).digest('hex')],
  );
  await close();
  return token;
}
