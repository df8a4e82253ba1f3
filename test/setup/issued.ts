// A database with two of everything that access can rest on, and what was issued over it: without a server.
import { randomBytes, randomUUID } from 'node:crypto';
import { recordConsent } from '../../src/store/consents.ts';
import {
  type CutOffKind,
  cutOff,
  GRANT_GOES_ON,
  GRANTS_CUT_OFF,
  TOKEN_GOES_ON,
  TOKENS_CUT_OFF,
} from '../../src/store/cut-offs.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { insertAccessToken } from '../../src/store/issued-tokens.ts';
import { createDatabase } from './database.ts';

export interface IssuedWorld {
  readonly store: Store;
  readonly url: string;
  /** Issues a consent and a token under it, as an issuer that read the clock last of all. */
  issue(about: Subjects): Promise<string>;
  /** By the names of what was issued: whether the token and the consent are as good as they were. */
  states(): Promise<ReadonlyMap<string, State>>;
  cut(kind: CutOffKind, subjectId: string, endsGrants: boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface Subjects {
  readonly client: string;
  readonly patient: string;
  /** Who decided; left out: the patient herself. */
  readonly account?: string;
  readonly purpose: string;
  readonly key: string;
}

export interface State {
  readonly token: boolean;
  readonly grant: boolean;
}

export const EACH = ['1', '2'] as const;

// Each rule is asked in both of its forms: for one row, and for many.
const STATES = `
  SELECT d.grant_id AS name, COALESCE(t.clock >= ${TOKENS_CUT_OFF}, true) AS token, ${TOKEN_GOES_ON} AS "tokenToo",
    COALESCE(d.clock >= ${GRANTS_CUT_OFF}, true) AS grant, ${GRANT_GOES_ON} AS "grantToo"
  FROM access_token t JOIN token_terms m ON m.id = t.terms_id JOIN app a ON a.id = m.client_id
    JOIN consent d ON d.grant_id = m.grant_id`;

/** Organizations a1, a2; people p1, p2 who own the apps c1, c2 of a1; patients n1, n2. */
export async function createIssuedWorld(): Promise<IssuedWorld> {
  const { url, drop } = await createDatabase();
  const store = await openStore(
    { kind: 'postgresql', url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const { prisma } = store;
  for (const n of EACH) {
    await prisma.organization.create({ data: { id: `a${n}`, legalName: `Organization ${n}` } });
    const person = { id: `p${n}`, name: n, email: `${n}@a.example`, userHandle: randomUUID() };
    await prisma.person.create({ data: { ...person, organizationId: 'a1' } });
    await prisma.app.create({ data: { id: `c${n}`, organizationId: 'a1', ownerId: `p${n}` } });
    await prisma.patient.create({ data: { id: `n${n}`, name: n, userHandle: randomUUID() } });
  }
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 86_400_000);
  return {
    ...{ store, url },
    issue: async ({ client, patient, account = patient, purpose, key }) => {
      const [{ value = 0n } = {}] = await prisma.revocationClock.findMany();
      const [grantId, clock] = [randomUUID(), Number(value)];
      const same = { grantId, audience: 'https://fhir.example', purpose, accountId: account, clock };
      const decided = { requestedScope: 'openid', grantedScope: 'openid', choices: [], locale: 'en' };
      await recordConsent(store, {
        ...{ ...same, ...decided, id: grantId, appId: client, organizationId: 'a1', patientId: patient },
        ...{ representationId: null, launchContext: {}, decidedAt: now, expiresAt },
      });
      const token = `0${randomBytes(32).toString('base64url')}`;
      const issued = { token, clientId: client, keyId: key, scope: 'openid', expiresIn: 300 };
      await insertAccessToken(store, { ...same, ...issued, kind: 'AccessToken', extra: {}, payload: {} });
      return grantId;
    },
    states: async () => {
      type Row = State & { name: string; tokenToo: boolean; grantToo: boolean };
      const rows = await store.sql<Row>(STATES, []);
      return new Map(
        rows.map(({ name, token, tokenToo, grant, grantToo }) => {
          if (token !== tokenToo || grant !== grantToo) throw new Error(`two forms of one rule: ${name}`);
          return [name, { token, grant }];
        }),
      );
    },
    cut: async (kind, subjectId, endsGrants) => {
      const subject = { kind, subjectIds: [subjectId], endsGrants, cause: 'access.cut_off' } as const;
      await prisma.$transaction((tx) => cutOff(tx, store, subject));
    },
    stop: async () => {
      await store.close();
      await drop();
    },
  };
}
