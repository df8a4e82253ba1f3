import type { Command, LoneCommand } from './command.ts';
import { appCommands } from './commands-apps.ts';
import { auditCommands } from './commands-audit.ts';
import { breakGlassCommands } from './commands-break-glass.ts';
import { namedBreakGlassCommands } from './commands-break-glass-people.ts';
import { campaignCommands } from './commands-campaigns.ts';
import { contractCommands } from './commands-contracts.ts';
import { cutOffCommands } from './commands-cut-offs.ts';
import { delegationCommands } from './commands-delegations.ts';
import { doctorCommands } from './commands-doctor.ts';
import { governanceCommands } from './commands-governance.ts';
import { identityCommands } from './commands-identity.ts';
import { inventoryCommands } from './commands-inventory.ts';
import { keyCommands } from './commands-keys.ts';
import { offboardingCommands } from './commands-offboarding.ts';
import { organizationCommands } from './commands-organizations.ts';
import { patientCommands } from './commands-patients.ts';
import { inviteOperator, personCommands } from './commands-people.ts';
import { policyCommands } from './commands-policy.ts';
import { recoveryCommands } from './commands-recovery.ts';
import { representationCommands } from './commands-representations.ts';
import { reviewCommands } from './commands-reviews.ts';
import { roleCommands } from './commands-roles.ts';
import { staffAccessCommands } from './commands-staff-access.ts';
import { statementCommands } from './commands-statements.ts';

/** All that the command line can do, in the order of its help. */
export const commands: readonly (Command | LoneCommand)[] = [
  inviteOperator,
  ...organizationCommands,
  ...contractCommands,
  ...personCommands,
  ...roleCommands,
  ...staffAccessCommands,
  ...patientCommands,
  ...representationCommands,
  ...recoveryCommands,
  ...identityCommands,
  ...appCommands,
  ...keyCommands,
  ...reviewCommands,
  ...campaignCommands,
  ...cutOffCommands,
  ...delegationCommands,
  ...governanceCommands,
  ...offboardingCommands,
  ...statementCommands,
  ...breakGlassCommands,
  ...namedBreakGlassCommands,
  ...inventoryCommands,
  ...auditCommands,
  ...policyCommands,
  ...doctorCommands,
];
