// The pages of patients, in the order in which they are asked; each subject has a file of its own.
import type Router from '@koa/router';
import { changeRoutes } from './change-routes.ts';
import type { PatientDeps } from './deps.ts';
import { historyRoutes } from './history-routes.ts';
import { interactionRoutes } from './interaction-routes.ts';
import { myRoutes } from './my-routes.ts';
import { noticesRoutes } from './notices-routes.ts';
import { passkeyAddRoutes } from './passkey-add-routes.ts';
import { passkeyEndpoints } from './passkey-endpoints.ts';
import { peopleRoutes } from './people-routes.ts';
import { proofingRoutes } from './proofing-routes.ts';
import { receiptRoutes } from './receipt-routes.ts';
import { recoveryCodesRoutes } from './recovery-codes-routes.ts';
import { recoveryRoutes } from './recovery-routes.ts';
import { reportRoutes } from './report-routes.ts';
import { securityRoutes } from './security-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { verifyRoutes } from './verify-routes.ts';

export const patientRoutes = (deps: PatientDeps): readonly Router[] =>
  [
    interactionRoutes,
    myRoutes,
    changeRoutes,
    historyRoutes,
    receiptRoutes,
    reportRoutes,
    signInRoutes,
    verifyRoutes,
    proofingRoutes,
    securityRoutes,
    passkeyAddRoutes,
    passkeyEndpoints,
    recoveryRoutes,
    recoveryCodesRoutes,
    noticesRoutes,
    peopleRoutes,
  ].map((routes) => routes(deps));
