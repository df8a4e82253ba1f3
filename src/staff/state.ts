import type { Context } from 'koa';
import type { SignedInPerson, StaffArea } from './area.ts';
import type { StaffDeps } from './deps.ts';

/** What the guard leaves for the pages of one request. */
export interface StaffState {
  readonly deps: StaffDeps;
  readonly area: StaffArea;
  readonly person: SignedInPerson;
}

export function staffState(ctx: Context): StaffState {
  const { staff } = ctx.state as { staff?: StaffState };
  if (staff === undefined) throw new Error('this page stands outside of staffArea');
  return staff;
}
