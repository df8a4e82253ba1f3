// A vendor that is still on its way: one app in the sandbox, and one that waits for a reviewer.
import { randomUUID } from 'node:crypto';
import type { Actor } from '../policy/permissions.ts';
import { record } from '../registry/command.ts';
import type { RevisionInput } from '../registry/revision-input.ts';
import type { Store } from '../store/database.ts';
import { insertReview } from '../store/submissions.ts';
import { putApp } from './put-app.ts';
import { TIDEWATER, TIDEWATER_CONTRACT, TIDEWATER_DEVELOPER, TIDEWATER_OWNER } from './seed-registry.ts';
import { medicationPlan } from './use-cases.ts';

export const DEMO_SANDBOX_APP = 'tidewater-plan-sandbox';
export const DEMO_WAITING_APP = 'tidewater-plan';

const common = {
  ...medicationPlan,
  purposeStatement: 'We turn your prescriptions into one plan for the day and remind you of it.',
  websiteUrl: 'https://tidewater.example',
  policyUrl: 'https://tidewater.example/privacy',
  grantTypes: ['authorization_code', 'refresh_token'],
  authMethod: 'none',
  scopeCeiling:
    'launch/patient openid fhirUser offline_access patient/Patient.rs patient/MedicationRequest.rs patient/AllergyIntolerance.rs',
  purposes: ['PATRQT'],
  maxConsentDays: 180,
} as const satisfies Partial<RevisionInput>;

interface FhirBases {
  readonly fhirBase: string;
  readonly sandboxBase: string;
}

export async function seedVendor(store: Store, { fhirBase, sandboxBase }: FhirBases): Promise<void> {
  const owners = {
    organizationId: TIDEWATER,
    ownerId: TIDEWATER_OWNER,
    backupOwnerId: TIDEWATER_DEVELOPER,
    reviewedAt: null,
    attestationDueAt: null,
  };
  await putApp(store, {
    id: DEMO_SANDBOX_APP,
    accountable: { ...owners, environment: 'sandbox', contractId: null },
    revision: {
      ...common,
      name: 'Tidewater Plan (sandbox)',
      redirectUris: ['http://localhost:5173/callback'],
      origins: ['http://localhost:5173'],
      audiences: [sandboxBase],
    },
  });
  await putApp(store, {
    id: DEMO_WAITING_APP,
    accountable: { ...owners, environment: 'production', contractId: TIDEWATER_CONTRACT },
    revision: {
      ...common,
      name: 'Tidewater Plan',
      redirectUris: ['https://plan.tidewater.example/callback'],
      origins: ['https://plan.tidewater.example'],
      audiences: [fhirBase],
    },
  });
  await submitOnce(store);
}

const developer: Actor = {
  personId: TIDEWATER_DEVELOPER,
  organizationId: TIDEWATER,
  roles: ['developer'],
  via: 'demo',
};

/** Once and for all: what was withdrawn or decided is not handed in again. No mail goes out for it. */
async function submitOnce({ prisma }: Store): Promise<void> {
  const appId = DEMO_WAITING_APP;
  await prisma.$transaction(async (tx) => {
    if ((await tx.review.count({ where: { appId } })) > 0) return;
    const { id: revisionId, number } = await tx.appRevision.findFirstOrThrow({
      where: { appId, createdBy: 'demo' },
      orderBy: { number: 'desc' },
      select: { id: true, number: true },
    });
    const [reviewId, approvalsNeeded] = [randomUUID(), 1];
    const review = { id: reviewId, revisionId, appId, submittedAt: new Date() };
    await insertReview(tx, { ...review, submittedBy: TIDEWATER_DEVELOPER, approvalsNeeded });
    const detail = { reviewId, revisionId, number, approvalsNeeded };
    await record(tx, developer, { type: 'revision.submitted', appId, organizationId: TIDEWATER, detail });
  });
}
