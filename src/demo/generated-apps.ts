// The 120 invented apps: whose they are, what for, in which state, and what is wrong with a few of them.
import { type GeneratedOrganization, generatedOrganizations } from './generated-names.ts';
import { type GeneratedPurpose, purposesOfKind } from './generated-purposes.ts';

export type GeneratedState = 'acting' | 'sandbox' | 'in_review' | 'new' | 'suspended' | 'offboarded';

export const PLANTED = [
  ...(['owner_missing', 'contract_ending', 'dormant', 'over_scoped', 'burst', 'shared_credential'] as const),
] as const;
export type Planted = (typeof PLANTED)[number];

export interface GeneratedApp {
  readonly id: string;
  readonly n: number;
  readonly organization: GeneratedOrganization;
  readonly purpose: GeneratedPurpose;
  readonly state: GeneratedState;
  readonly planted: Planted | undefined;
}

const APPS = 120;

function stateOf(n: number): GeneratedState {
  if (n % 6 === 5) return 'sandbox';
  if (n % 30 === 3) return 'in_review';
  if (n % 40 === 7) return 'new';
  if (n % 40 === 14) return 'suspended';
  return n % 30 === 22 ? 'offboarded' : 'acting';
}

function plan(): GeneratedApp[] {
  const registering = generatedOrganizations.filter(({ kind }) => kind !== 'subprocessor');
  const open = new Set<Planted>(PLANTED);
  return Array.from({ length: APPS }, (_, n) => {
    const organization = registering[n % registering.length] as GeneratedOrganization;
    const purposes = purposesOfKind[organization.kind];
    const turn = Math.floor(n / registering.length);
    const purpose = purposes[(turn + (n % registering.length)) % purposes.length] as GeneratedPurpose;
    const id = `${organization.id}-${purpose.product.toLowerCase().replaceAll(' ', '-')}`;
    const [state, isOf] = [stateOf(n), { people: purpose.asksPeople, itself: !purpose.asksPeople }];
    // One problem for each organization: each is seen by itself.
    const planted =
      state === 'acting' && turn === 1
        ? [...open].find((one) => (one === 'shared_credential' ? isOf.itself : isOf.people))
        : undefined;
    if (planted !== undefined) open.delete(planted);
    return { id, n, organization, purpose, state, planted };
  });
}

export const generatedApps: readonly GeneratedApp[] = plan();
