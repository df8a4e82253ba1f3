import Router from '@koa/router';
import { apiTokenPages } from '../staff/api-token-pages.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { staffArea } from '../staff/guard.ts';
import { appForms } from './app-forms.ts';
import { appPages } from './apps.ts';
import { consoleArea } from './area.ts';
import { breakGlassPages, breakGlassRecord } from './break-glass.ts';
import { campaignForms } from './campaign-forms.ts';
import { campaignPages } from './campaigns.ts';
import { contractForms } from './contract-forms.ts';
import { contractPages } from './contract-pages.ts';
import { cutOffPages } from './cut-offs.ts';
import { ehrPages } from './ehrs.ts';
import { endingContracts } from './ending-contracts.ts';
import { eventPages } from './events.ts';
import { findingPages } from './findings.ts';
import { homePage } from './home.ts';
import { inventoryPages } from './inventory-pages.ts';
import { offboardingPages } from './offboardings.ts';
import { organizationForms } from './organization-forms.ts';
import { organizationServices } from './organization-services.ts';
import { organizationPages } from './organizations.ts';
import { patientRecovery } from './patient-recovery.ts';
import { peoplePages } from './people.ts';
import { peopleForms } from './people-forms.ts';
import { policyPages } from './policies.ts';
import { restrictionPages } from './restrictions.ts';
import { reviewPages } from './reviews.ts';
import { serverForms } from './server-forms.ts';
import { serverPages } from './servers.ts';
import { staffAccessForms } from './staff-access.ts';
import { supportAccessPages } from './support-access.ts';

/** All pages under /admin. A form at `/new` stands before the record of which `new` might be the id. */
export function consoleRoutes(deps: StaffDeps): Router {
  const router = new Router();
  router.use(staffArea(deps, consoleArea));
  const pages = [
    ...[homePage, reviewPages, eventPages, offboardingPages, appForms, appPages],
    ...[
      organizationForms,
      organizationServices,
      staffAccessForms,
      contractForms,
      contractPages,
      organizationPages,
    ],
    ...[peopleForms, peoplePages, serverForms, serverPages, ehrPages, inventoryPages],
    ...[campaignForms, campaignPages],
    ...[restrictionPages, policyPages],
    ...[cutOffPages, findingPages, patientRecovery, endingContracts],
    ...[breakGlassPages, supportAccessPages, breakGlassRecord],
  ];
  for (const add of pages) add(router, deps);
  apiTokenPages(router, deps, '/admin/tokens');
  return router;
}
