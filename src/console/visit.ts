import type { Context } from 'koa';
import type { RegistryDeps } from '../registry/deps.ts';
import type { SignedInPerson } from '../staff/area.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { requireActor } from '../staff/guard.ts';
import { type Words, wordsOf } from './words.ts';

/** One request for a page: who asks, for what, in which language. */
export interface Visit {
  readonly ctx: Context;
  readonly actor: SignedInPerson;
  readonly registry: RegistryDeps;
  readonly words: Words;
  /** The record that the address names. */
  readonly id: string;
}

export function visitOf(deps: StaffDeps, ctx: Context): Visit {
  const { id = '' } = ctx.params as { id?: string };
  const words = wordsOf(deps.pages.translate(ctx), deps.pages.localeOf(ctx));
  return { ctx, actor: requireActor(ctx), registry: deps.registry, words, id };
}

/** The address of a record, or of a page below it. */
export const pathTo = (kind: string, id?: string, ...below: readonly string[]): string =>
  ['/admin', kind, ...(id === undefined ? [] : [id, ...below])]
    .map((part, index) => (index === 0 ? part : encodeURIComponent(part)))
    .join('/');
