// POST /launch-contexts: an EHR deposits what it has open before it opens an app. Protocol, not a page: JSON in and out.
import Router from '@koa/router';
import type { Context } from 'koa';
import { type Reason, refusals } from '../errors.ts';
import { decide } from '../policy/rules.ts';
import { standing } from '../policy/standing.ts';
import { JWT_BEARER } from '../provider/keyed-party.ts';
import { findApp } from '../store/apps.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { depositLaunch, LAUNCH_LIFETIME_S } from '../store/launch-contexts.ts';
import { bodyReader } from '../web/body.ts';
import { noStore } from '../web/no-store.ts';
import { requestId } from '../web/request-context.ts';
import { authenticateEhr, type Ehr } from './ehr-caller.ts';
import { type LaunchRequest, readLaunchRequest } from './launch-context-request.ts';

const PATH = '/launch-contexts';

export function launchContextRoutes(store: Store, { issuer }: { readonly issuer: string }): Router {
  const audiences = [issuer, `${issuer}${PATH}`];
  const router = new Router();

  const refuse = async (ctx: Context, reason: Reason, about: { ehrId?: string; detail?: string } = {}) => {
    const { error, text } = refusals[reason];
    ctx.status = refusals[reason].status;
    ctx.body = { error, error_description: about.detail ?? text };
    const { ehrId } = about;
    // Who names no registered EHR leaves no row: anyone could fill the table.
    if (ehrId === undefined) return;
    await appendAuditEvent(store.prisma, { type: 'launch.refused', reason, detail: { ehrId } }, requestId());
  };

  const deposit = async (ctx: Context, ehr: Ehr, { app: appId, user, context }: LaunchRequest) => {
    const app = await findApp(store, appId);
    const mayOpen =
      app !== undefined &&
      decide(standing, app) === undefined &&
      app.launchUris.length > 0 &&
      app.audiences.includes(ehr.fhirBaseUrl);
    if (!mayOpen) return refuse(ctx, 'launch_app_unknown', { ehrId: ehr.id });
    const { id: ehrId, fhirBaseUrl } = ehr;
    const launch = await depositLaunch(store, { ehrId, fhirBaseUrl, appId, user, context }, requestId());
    ctx.status = 201;
    ctx.body = { launch, expires_in: LAUNCH_LIFETIME_S, iss: fhirBaseUrl, launch_uris: app.launchUris };
  };

  router.post(PATH, noStore, async (ctx) => {
    const body = await readJson(ctx);
    if (body === undefined) {
      ctx.status = 400;
      ctx.body = { error: 'invalid_request', error_description: UNREADABLE };
      return;
    }
    const { client_assertion: assertion, client_assertion_type: type } = (body.value ?? {}) as Record<
      string,
      unknown
    >;
    if (type !== JWT_BEARER || typeof assertion !== 'string') return refuse(ctx, 'ehr_unknown');
    const caller = await authenticateEhr(store, assertion, audiences);
    if ('reason' in caller) return refuse(ctx, caller.reason, caller);
    const request = readLaunchRequest(body.value);
    if ('faults' in request) {
      const detail = request.faults.join('; ');
      return refuse(ctx, 'launch_context_unreadable', { ehrId: caller.ehr.id, detail });
    }
    await deposit(ctx, caller.ehr, request);
  });
  return router;
}

const readJson = bodyReader('json', '32kb');
const UNREADABLE = 'the body must be application/json, of at most 32 KiB';
