import { z } from 'zod';
import { FRESH_MINUTES, FRESH_NOW_MINUTES } from '../policy/fresh-passkey.ts';
import type { Actor } from '../policy/permissions.ts';
import type { AssertionCheck } from '../provider/assertion-check.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import type { Fault } from '../registry/refusal.ts';
import type { FaultAnswer } from './refused.ts';

export const API_PATH = '/api/v1';

/** For what the pages ask the passkey for again. */
export const STEP_UP = { passkeyMinutes: FRESH_MINUTES } as const;
/** For what she says herself about an app. */
export const STEP_UP_NOW = { passkeyMinutes: FRESH_NOW_MINUTES } as const;

/** One request, as an operation gets it: whoever asks is known. */
export interface Call<Query> {
  readonly deps: RegistryDeps;
  readonly actor: Actor;
  /** Of the path: `{appId}`. */
  at(parameter: string): string;
  readonly query: Query;
  /** Unread: the command reads it, as strictly as for the portal. */
  readonly body: unknown;
  readonly checkAssertion: AssertionCheck;
  /** With the English text of each fault. */
  explained<Result extends { readonly faults: readonly Fault[] }>(result: Result): Explained<Result>;
}

export type Explained<Result> = Omit<Result, 'faults'> & { readonly faults: readonly FaultAnswer[] };

/** A file that is written while it is read. */
export interface Streamed {
  readonly type: string;
  readonly text: AsyncIterable<string>;
}

/** One thing that can be done: the router, the document and the tests are made from these. */
export interface Operation {
  /** Unique, a verb and a noun. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below /api/v1. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly status: 200 | 201 | 202 | 204;
  readonly query: z.ZodType;
  /** Left out: there is no body. */
  readonly body?: z.ZodType | undefined;
  /** What leaves, and nothing beside it. Left out: nothing leaves, or a file does. */
  readonly answer?: z.ZodType | undefined;
  /** The media types of a file. */
  readonly files?: readonly string[] | undefined;
  /** It gives access or cannot be undone: within these minutes she showed her passkey, as for the page (RFC 9470). */
  readonly passkeyMinutes?: number | undefined;
  readonly run: (call: Call<never>) => Promise<unknown>;
}

interface Described<Query extends z.ZodType, Answer extends z.ZodType> {
  readonly summary: string;
  readonly query?: Query;
  readonly body?: z.ZodType;
  readonly answer?: Answer;
  readonly files?: readonly string[];
  readonly status?: 200 | 201 | 202;
  readonly passkeyMinutes?: number;
  readonly run: (call: Call<z.output<Query>>) => Promise<z.input<Answer> | Streamed>;
}

const nothing = z.strictObject({});

/** `of('apps')` makes operations on apps: `get('listApps', '/apps', {...})`. */
export function operationsOf(tag: string) {
  const declare =
    (method: Operation['method']) =>
    <Query extends z.ZodType = typeof nothing, Answer extends z.ZodType = z.ZodVoid>(
      id: string,
      path: string,
      { query, answer, status, run, ...described }: Described<Query, Answer>,
    ): Operation => ({
      ...{ id, method, path, tag, ...described },
      status: status ?? (answer === undefined && described.files === undefined ? 204 : 200),
      query: query ?? nothing,
      answer,
      run: run as Operation['run'],
    });
  return {
    get: declare('get'),
    post: declare('post'),
    put: declare('put'),
    patch: declare('patch'),
    delete: declare('delete'),
  };
}

/** Lists are read page by page: `after` is the `next` of the page before. */
export const paging = {
  after: z.string().min(1).max(2_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
};

export const pageSchema = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row).readonly(), next: z.string().nullable() });

export const listOf = <Row extends z.ZodType>(row: Row) => z.object({ rows: z.array(row).readonly() });
