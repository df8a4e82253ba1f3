import Router from '@koa/router';
import { apiTokenPages } from '../staff/api-token-pages.ts';
import { staffArea } from '../staff/guard.ts';
import { appPages } from './app-pages.ts';
import { portal } from './area.ts';
import { attestationPages } from './attestation-pages.ts';
import { breakGlassPages } from './break-glass-pages.ts';
import { changePages } from './change-pages.ts';
import { colleaguePages } from './colleague-pages.ts';
import { confirmPages } from './confirm-pages.ts';
import type { DeveloperDeps } from './deps.ts';
import { findingPages } from './finding-pages.ts';
import { keyPages } from './key-pages.ts';
import { listPages } from './list-pages.ts';
import { logoPages } from './logo-pages.ts';
import { organizationPages } from './organization-pages.ts';
import { peoplePages } from './people-pages.ts';
import { proofPages } from './proof-pages.ts';
import { proposalPages } from './proposal-pages.ts';
import { quickStartPages } from './quick-start.ts';
import { refusalPages } from './refusal-pages.ts';
import { revisionPages } from './revision-pages.ts';
import { staffAccessPages } from './staff-access-pages.ts';
import { transferPages } from './transfer-pages.ts';

/** All pages of the portal: the description of apps first, since `new` is no app's id. */
export function developerRoutes(deps: DeveloperDeps): Router {
  const router = new Router();
  router.use('/developer', staffArea(deps, portal));
  const pages = [
    ...[findingPages, confirmPages],
    ...[listPages, revisionPages, appPages, keyPages, refusalPages, quickStartPages],
    ...[changePages, peoplePages, proposalPages, transferPages, proofPages],
    ...[breakGlassPages, logoPages, organizationPages, colleaguePages, staffAccessPages],
    attestationPages,
  ];
  for (const add of pages) add(router, deps);
  apiTokenPages(router, deps, '/developer/tokens');
  return router;
}
