// The management API with everyone who uses it, and which of its operations were called.
import { expect } from '@jest/globals';
import {
  type ApiAnswer,
  type ApiDocument,
  type Asked,
  answerFaults,
  apiTokenOf,
  apiUser,
  type Described,
  readDocument,
  send,
} from './api-client.ts';
import { registerVendor, type Vendor } from './vendor.ts';
import { createWorld, type World } from './world.ts';

type User = 'owner' | 'developer' | 'operator' | 'reviewer' | 'newOwner';

export interface ApiWorld {
  readonly world: World;
  readonly document: ApiDocument;
  readonly vendor: Vendor;
  /** Another one, of the new owner. */
  readonly other: Vendor;
  readonly called: Set<string>;
  readonly tokens: Readonly<Record<User, string>>;
  operation(id: string): Described;
  /** Calls an operation as the document describes it: it must succeed, and answer as the document says. */
  api(
    who: User | { readonly token: string },
    id: string,
    asked?: Asked,
  ): Promise<ReturnType<typeof JSON.parse>>;
}

export async function createApiWorld(): Promise<ApiWorld> {
  const world = await createWorld('postgresql');
  const document = await readDocument(world);
  const [vendor, other] = [await registerVendor(world), await registerVendor(world)];
  const network = await registerVendor(world, { kind: 'network' });
  const tokens: Record<User, string> = {
    owner: await apiTokenOf(world, vendor.id, vendor.ownerId),
    developer: await apiTokenOf(world, vendor.id, vendor.developerId),
    newOwner: await apiTokenOf(world, other.id, other.ownerId),
    operator: (await apiUser(world, network.id, ['operator'])).token,
    reviewer: (await apiUser(world, network.id, ['reviewer'])).token,
  };
  const called = new Set<string>();
  const operation = (id: string): Described => {
    const found = document.operations.find(({ operationId }) => operationId === id);
    if (found === undefined) throw new Error(`the document has no ${id}`);
    return found;
  };
  return {
    ...{ world, document, vendor, other, called, tokens, operation },
    api: async (who, id, asked = {}) => {
      const one = operation(id);
      const token = typeof who === 'string' ? tokens[who] : who.token;
      const answer = await send(world, token, one, asked);
      called.add(id);
      assertAsDescribed(one, answer);
      return isJson(answer) ? answer.body : answer.text;
    },
  };
}

const isJson = ({ headers }: ApiAnswer) => !/^text\/|ndjson/.test(headers.get('content-type') ?? '');

function assertAsDescribed(one: Described, answer: ApiAnswer): void {
  const { operationId: id, responses } = one;
  const success = Number(Object.keys(responses).find((status) => status < '300'));
  const told = answer.text.slice(0, 400);
  expect([id, answer.status, told, answerFaults(one, answer)]).toEqual([id, success, told, []]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}
