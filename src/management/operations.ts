import { appOperations } from './app-operations.ts';
import { auditOperations } from './audit-operations.ts';
import { breakGlassOperations } from './break-glass-operations.ts';
import { campaignOperations } from './campaign-operations.ts';
import { contractOperations } from './contract-operations.ts';
import { credentialOperations } from './credential-operations.ts';
import { cutOffOperations } from './cut-off-operations.ts';
import { delegationOperations } from './delegation-operations.ts';
import { governanceOperations } from './governance-operations.ts';
import { offboardingOperations } from './offboarding-operations.ts';
import type { Operation } from './operation.ts';
import { organizationOperations } from './organization-operations.ts';
import { overviewOperations } from './overview-operations.ts';
import { patientOperations } from './patient-operations.ts';
import { peopleOperations } from './people-operations.ts';
import { representationOperations } from './representation-operations.ts';
import { roleOperations } from './role-operations.ts';
import { secretOperations } from './secret-operations.ts';
import { serverOperations } from './server-operations.ts';
import { staffAccessOperations } from './staff-access-operations.ts';

/** All that portal and console do. What they ask a passkey for again takes one here as well (RFC 9470). */
export const operations: readonly Operation[] = [
  ...appOperations,
  ...credentialOperations,
  ...delegationOperations,
  ...organizationOperations,
  ...contractOperations,
  ...peopleOperations,
  ...roleOperations,
  ...staffAccessOperations,
  ...secretOperations,
  ...patientOperations,
  ...representationOperations,
  ...serverOperations,
  ...overviewOperations,
  ...cutOffOperations,
  ...governanceOperations,
  ...offboardingOperations,
  ...breakGlassOperations,
  ...campaignOperations,
  ...auditOperations,
];
