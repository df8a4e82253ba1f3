// What cut-offs end, told a second time: by what happened since something was issued, never by the numbers of a clock.
import fc from 'fast-check';
import { CUT_OFF_KINDS, type CutOffKind } from '../../src/store/cut-offs.ts';
import { EACH, type State, type Subjects } from './issued.ts';

const goesOn: State = { token: true, grant: true };

/** Something is issued, cut off, or an app moves. */
export type Step =
  | { readonly issue: Subjects }
  | { readonly cut: CutOffKind; readonly of: string; readonly endsGrants: boolean }
  | { readonly move: string; readonly to: { organizationId: string } | { ownerId: string } };

const oneOf = (prefix: string) => fc.constantFrom(...EACH.map((n) => `${prefix}${n}`));
const PREFIX = { client: 'c', organization: 'a', owner: 'p', patient: 'n', purpose: 'u', key: 'k' } as const;
export const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    issue: fc.record({ client: oneOf('c'), patient: oneOf('n'), purpose: oneOf('u'), key: oneOf('k') }),
  }),
  fc
    .constantFrom(...CUT_OFF_KINDS)
    .chain((cut) => fc.record({ cut: fc.constant(cut), of: oneOf(PREFIX[cut]), endsGrants: fc.boolean() })),
  fc.record({
    move: oneOf('c'),
    to: fc.oneof(fc.record({ organizationId: oneOf('a') }), fc.record({ ownerId: oneOf('p') })),
  }),
);

export class CutOffModel {
  readonly issued = new Map<string, { subjects: Subjects; state: State; since: Map<string, State> }>();
  readonly homes = new Map(EACH.map((n) => [`c${n}`, { organization: 'a1', owner: `p${n}` }]));

  subjectsOf({ client, patient, purpose, key }: Subjects): readonly string[] {
    const { organization = '', owner = '' } = this.homes.get(client) ?? {};
    return [client, organization, owner, patient, purpose, key];
  }

  cut(of: string, endsGrants: boolean): void {
    for (const one of this.issued.values()) {
      const before = one.since.get(of) ?? goesOn;
      one.since.set(of, { token: false, grant: before.grant && !endsGrants });
      if (this.subjectsOf(one.subjects).includes(of)) one.state = meet(one.state, one.since.get(of));
    }
  }

  /** Where it comes to, something may have been cut off since: that holds for it too. */
  move(client: string, to: Partial<{ organization: string; owner: string }>): void {
    this.homes.set(client, { organization: 'a1', owner: 'p1', ...this.homes.get(client), ...to });
    for (const one of this.issued.values()) {
      if (one.subjects.client !== client) continue;
      for (const of of this.subjectsOf(one.subjects)) one.state = meet(one.state, one.since.get(of));
    }
  }
}

const meet = (one: State, other: State = goesOn): State => ({
  token: one.token && other.token,
  grant: one.grant && other.grant,
});
