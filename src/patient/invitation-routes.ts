import Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { browserHash, shownAt, verifyNewPasskey } from '../passkeys/page-ceremony.ts';
import { registrationOptions } from '../passkeys/registration.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import type { StaffSessions } from '../staff/sessions.ts';
import type { Transaction } from '../store/database.ts';
import {
  findOpenInvitation,
  isNeedless,
  type OpenInvitation,
  openInvitation,
  redeemInvitation,
} from '../store/invitations.ts';
import { offerSecondPasskey } from '../store/own-passkeys.ts';
import { keepLocale } from '../store/patient-contacts.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';
import { ADD_URL } from './passkey-offers.ts';
import { whoIsSignedIn } from './signed-in.ts';

const codeJson = z.object({ code: z.string().min(1).max(200) });

/** An invitation opens by a POST only: link previews, which GET, cannot use it up. The code stays out of every URL. */
export function invitationRoutes(deps: PatientDeps, staff: Pick<StaffSessions, 'begin'>): Router {
  const { store, pages, forms, relyingParty, sessions } = deps;
  const router = new Router();

  const opened = async (ctx: Context) => {
    forms.assertForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    const invitation = await findOpenInvitation(store, browserHash(deps, ctx));
    if (invitation === undefined) throw new PageError(410, 'invitation-ended');
    return invitation;
  };

  const assertNeeded = async ({ known }: OpenInvitation) => {
    if (await isNeedless(store.prisma, known)) throw new PageError(410, 'invitation-needless');
  };

  router.get('/invitation', (ctx) => pages.renderPage(ctx, 'invitation', {}));

  router.post('/invitation/open', async (ctx) => {
    forms.assertForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    const body = codeJson.safeParse((ctx.request as { body?: unknown }).body);
    if (!body.success) throw new PageError(400, 'bad-request');
    const invitation = await openInvitation(store, body.data.code, browserHash(deps, ctx), requestId());
    if (invitation === undefined) throw new PageError(410, 'invitation-ended');
    await assertNeeded(invitation);
    ctx.body = { name: invitation.known.name };
  });

  router.post('/invitation/options', async (ctx) => {
    const { known } = await opened(ctx);
    ctx.body = await registrationOptions(store, relyingParty, known, browserHash(deps, ctx));
  });

  router.post('/invitation/verify', async (ctx) => {
    const invitation = await opened(ctx);
    const { holder, employment } = invitation.known;
    // Her passkey is for serious steps then: she signs in at her organization.
    const byProvider = employment?.providerRequired === true;
    const passkey = await verifyNewPasskey(deps, ctx, invitation.known);
    const told = async (tx: Transaction) => {
      if (!('patientId' in holder)) return;
      await tellPatient(tx, { type: 'patient.passkey_added', patientId: holder.patientId, values: {} });
    };
    const outcome = await redeemInvitation(store, invitation, passkey, told, requestId());
    if (outcome !== 'redeemed') throw new PageError(410, `invitation-${outcome}`);
    if ('patientId' in holder) {
      await keepLocale(store, holder.patientId, pages.localeOf(ctx));
      await sessions.signIn(ctx, holder.patientId, shownAt(passkey));
    } else if (!byProvider) await staff.begin(ctx, holder.personId);
    ctx.body = {
      next: byProvider ? '/staff/sign-in' : 'patientId' in holder ? '/enrolled' : '/staff/enrolled',
    };
  });

  router.get('/enrolled', async (ctx) => {
    const patient = await whoIsSignedIn(deps, ctx);
    // Once, right after the first one: see passkey-offers.ts.
    const offered = patient !== undefined && (await offerSecondPasskey(store, patient.id));
    const urls = { myAppsUrl: '/my', secondUrl: `${ADD_URL}?for=second`, skipUrl: `${ADD_URL}/skip` };
    pages.renderPage(ctx, 'enrolled', { ...urls, offered });
  });

  return router;
}
