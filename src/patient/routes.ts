// The pages of patients, in the order in which they are asked; each subject has a file of its own.
import type Router from '@koa/router';
import type { PatientDeps } from './deps.ts';
import { interactionRoutes } from './interaction-routes.ts';
import { myRoutes } from './my-routes.ts';
import { noticesRoutes } from './notices-routes.ts';
import { recoveryCodesRoutes } from './recovery-codes-routes.ts';
import { recoveryRoutes } from './recovery-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { verifyRoutes } from './verify-routes.ts';

export const patientRoutes = (deps: PatientDeps): readonly Router[] =>
  [
    interactionRoutes,
    myRoutes,
    signInRoutes,
    verifyRoutes,
    recoveryRoutes,
    recoveryCodesRoutes,
    noticesRoutes,
  ].map((routes) => routes(deps));
