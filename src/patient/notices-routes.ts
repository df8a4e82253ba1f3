import Router from '@koa/router';
import type { Context } from 'koa';
import { asAddress, confirmWithCode, dropAddress, proposeAddress } from '../registry/patient-addresses.ts';
import { noticeKinds } from '../registry/patient-notices.ts';
import { listAddresses } from '../store/patient-addresses.ts';
import { listNotices, mutedNotices, muteNotices } from '../store/patient-contacts.ts';
import { countTry } from '../store/try-counts.ts';
import { PageError } from '../web/page-error.ts';
import { seeOther } from '../web/see-other.ts';
import { textField, textFields } from '../web/text-field.ts';
import type { PatientDeps } from './deps.ts';
import { isKeptByWatch } from './kept-by-watch.ts';
import { type NoticesProblem, noticesView } from './notices-view.ts';
import { patientOrSignIn, signedInPatient } from './signed-in.ts';
import { requireFresh } from './step-up.ts';
import { zoneName, zoneOf } from './time-zone.ts';

const PATH = '/my/notices';
const SHOWN = 30;
/** Mails with a code that one account may cause in an hour. */
const ADDRESSES_PER_HOUR = 5;

/** Where a patient is told what happens, and what of it by mail. */
export function noticesRoutes(deps: PatientDeps): Router {
  const { store, pages, forms, sessions } = deps;
  const router = new Router();

  const show = async (ctx: Context, patientId: string, problem: NoticesProblem | null = null, typed = '') => {
    const [addresses, muted, notices, isFresh] = await Promise.all([
      listAddresses(store, patientId),
      mutedNotices(store, patientId),
      listNotices(store, patientId, SHOWN),
      sessions.isFresh(ctx),
    ]);
    const timeZone = zoneName(zoneOf(ctx));
    const facts = { addresses, muted, notices, isFresh, problem, typed, timeZone };
    const view = noticesView(facts, pages.translate(ctx), pages.localeOf(ctx));
    pages.renderPage(ctx, 'notices', view, problem === null ? 200 : 422);
  };

  /** A form of hers; for what somebody else could use against her, right after her passkey. */
  const posted = async (ctx: Context) => {
    const patient = await signedInPatient(deps, ctx);
    forms.assertForm(ctx);
    return patient;
  };
  const fresh = async (ctx: Context) => {
    await posted(ctx);
    return requireFresh(deps, ctx, PATH);
  };

  router.get(PATH, async (ctx) => {
    const patient = await patientOrSignIn(deps, ctx);
    if (patient !== undefined) await show(ctx, patient.id);
  });

  router.post(`${PATH}/addresses`, async (ctx) => {
    const patient = await fresh(ctx);
    if (patient === undefined) return;
    const typed = textField(ctx, 'address');
    const address = asAddress(typed.trim());
    if (address === undefined) return show(ctx, patient.id, 'address', typed.slice(0, 254));
    if ((await countTry(store, `address account ${patient.id}`)) > ADDRESSES_PER_HOUR) {
      ctx.set('Retry-After', '3600');
      throw new PageError(429, 'too-many');
    }
    const added = await proposeAddress(store, patient.id, address);
    if (added === undefined) return show(ctx, patient.id, 'address-there', address);
    seeOther(ctx, PATH);
  });

  router.post(`${PATH}/addresses/:id/confirm`, async (ctx) => {
    const patient = await posted(ctx);
    const about = { patientId: patient.id, addressId: String(ctx.params.id), code: textField(ctx, 'code') };
    if (!(await confirmWithCode(store, deps.contactKey, about))) return show(ctx, patient.id, 'code');
    seeOther(ctx, PATH);
  });

  router.post(`${PATH}/addresses/:id/remove`, async (ctx) => {
    const patient = await fresh(ctx);
    if (patient === undefined) return;
    const { id: patientId } = patient;
    const address = (await listAddresses(store, patientId)).find(({ id }) => id === ctx.params.id);
    if (address === undefined) throw new PageError(404, 'not-found');
    const kept = { patientId, createdAt: address.createdAt, backUrl: PATH };
    // Nothing is told to one that was never confirmed.
    if (address.confirmedAt !== null && (await isKeptByWatch(deps, ctx, kept))) return;
    if (!(await dropAddress(store, patientId, address.id))) throw new PageError(404, 'not-found');
    seeOther(ctx, PATH);
  });

  router.post(`${PATH}/kinds`, async (ctx) => {
    const patient = await posted(ctx);
    const wanted = new Set(textFields(ctx, 'kind'));
    const muted = noticeKinds.filter((kind) => kind !== 'safety' && !wanted.has(kind));
    await muteNotices(store, patient.id, muted);
    seeOther(ctx, PATH);
  });

  return router;
}
