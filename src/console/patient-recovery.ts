import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import { approveRecovery } from '../registry/recovery.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { above } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { showSecret } from './secret-page.ts';

const OPERATOR: readonly Role[] = ['operator'];

/** The operator has checked again who a patient is: the code of the help desk, for her alone. No address names a patient. */
export function patientRecovery(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/recovery', key: 'patient-recovery', roles: OPERATOR, serious: true },
    open: async () => null,
    crumbs: (_, visit) => above('people', visit),
    fields: (_, { words }) => [
      words.field('text', 'patientId', { hint: true, literal: true, autocomplete: 'off' }),
      words.field('text', 'evidence', { hint: true, autocomplete: 'off' }),
    ],
    send: async (values, _, visit) => {
      const given = { patientId: '', evidence: '', ...textsIn(values, ['patientId', 'evidence']) };
      const { code } = await approveRecovery(visit.registry, visit.actor, given);
      const names = { url: `${deps.issuer}/recovery/help` };
      return showSecret('people', visit, {
        ...{ key: 'recovery', secret: code, nextUrl: '/admin/people', names },
      });
    },
  });
}
