import Router from '@koa/router';
import type { Context } from 'koa';
import { isOfAge } from '../policy/birthdays.ts';
import { mayEndOwn, standsAtHerAge } from '../policy/representation.ts';
import { endOwnRepresentation } from '../registry/own-representations.ts';
import { representationsAround, staffNames } from '../store/representation-records.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import type { PatientDeps } from './deps.ts';
import { endPersonView, endUrlOf, peopleView } from './people-view.ts';
import { patientOrSignIn, signedInPatient } from './signed-in.ts';
import { requireFresh } from './step-up.ts';
import { zoneName, zoneOf } from './time-zone.ts';

const PATH = '/my/people';

/** Who may act for a person, and for whom she may. */
export function peopleRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, ageRules, operatorName } = deps;
  const router = new Router();

  /** One that she may end now: what is not hers to end is not there. */
  const hersToEnd = async (ctx: Context, personId: string) => {
    const now = new Date();
    const found = (await representationsAround(store, personId)).find(({ id }) => id === ctx.params.id);
    if (found === undefined || found.patientId !== personId) throw new PageError(404, 'not-found');
    const isHers = mayEndOwn(found.basis, isOfAge(found.birthDate, ageRules, now));
    const isOver = !standsAtHerAge(found, ageRules, now) && found.startsAt <= now;
    if (!isHers || isOver) throw new PageError(404, 'not-found');
    return found;
  };

  router.get(PATH, async (ctx) => {
    const patient = await patientOrSignIn(deps, ctx);
    if (patient === undefined) return;
    const representations = await representationsAround(store, patient.id);
    const recorders = representations.map(({ recordedBy }) => recordedBy);
    const facts = {
      ...{ personId: patient.id, accountName: patient.name, operatorName, representations, ageRules },
      ...{ staffNames: await staffNames(store, recorders), now: new Date(), timeZone: zoneName(zoneOf(ctx)) },
    };
    pages.renderPage(ctx, 'my-people', peopleView(facts, pages.translate(ctx), pages.localeOf(ctx)));
  });

  router.get(`${PATH}/:id/end`, async (ctx) => {
    const patient = await requireFresh(deps, ctx);
    if (patient === undefined) return;
    const found = await hersToEnd(ctx, patient.id);
    pages.renderPage(ctx, 'end-person', endPersonView(found, operatorName, pages.translate(ctx)));
  });

  router.post(`${PATH}/:id/end`, async (ctx) => {
    await signedInPatient(deps, ctx);
    forms.assertForm(ctx);
    const id = String(ctx.params.id);
    const patient = await requireFresh(deps, ctx, endUrlOf(id));
    if (patient === undefined) return;
    const ending = await endOwnRepresentation(store, ageRules, patient.id, id);
    // Another window was first: it is over, as she wanted.
    if (ending !== 'ended' && ending !== 'over') throw new PageError(404, 'not-found');
    seeOther(ctx, PATH);
  });

  return router;
}
