// The demo's EHR: a clinician opens an app for a patient. It deposits the launch context as any EHR would, over HTTP.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import { importJWK, type JWK, SignJWT } from 'jose';
import Koa, { type Context, type Middleware } from 'koa';
import { seeOther } from '../web/see-other.ts';
import { createTemplates } from '../web/templates.ts';
import { patientOf } from './fhir-search.ts';
import { EHR_PATH } from './origins.ts';
import { demoClinician, demoPatients, demoRecords } from './records.ts';

export interface EhrOptions {
  readonly issuer: string;
  readonly ehrId: string;
  /** The EHR's private key. */
  readonly key: JWK;
  /** The client_id of the app that it opens, and where that app is. */
  readonly app: string;
  readonly appOrigin: string;
}

const views = fileURLToPath(new URL('../../views/demo', import.meta.url));
const TIMEOUT_MS = 5_000;

const schedule = demoPatients.map((patient) => {
  const visit = demoRecords.find((one) => one.resourceType === 'Encounter' && patientOf(one) === patient.id);
  const { start = '' } = (visit?.period ?? {}) as { start?: string };
  return { ...patient, visitId: visit?.id, visitOn: start.slice(0, 10) };
});

export function createEhr(options: EhrOptions): Koa {
  const templates = createTemplates(views);
  const style = readFileSync(join(views, 'assets', 'ehr.css'));
  const page = (ctx: Context, problem: string | null) => {
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = templates.render('ehr', { schedule, clinician: demoClinician.name, path: EHR_PATH, problem });
  };

  const router = new Router({ prefix: EHR_PATH });
  router.get('/', (ctx) => page(ctx, null));
  router.get('/ehr.css', (ctx) => {
    ctx.type = 'text/css; charset=utf-8';
    ctx.body = style;
  });
  router.post('/open', bodyParser({ enableTypes: ['form'] }), async (ctx) => {
    const { patient: id } = (ctx.request.body ?? {}) as Record<string, unknown>;
    const patient = schedule.find((one) => one.id === id);
    // Fetch Metadata: a page of another site opens nothing in the clinician's name.
    if (patient === undefined || !['', 'same-origin'].includes(ctx.get('Sec-Fetch-Site')))
      return ctx.throw(400);
    const address = await launchAddress(options, patient).catch(() => undefined);
    if (address === undefined) {
      ctx.status = 502;
      return page(ctx, 'The authorization server did not take the launch. Try again in a minute.');
    }
    seeOther(ctx, address);
  });

  const server = new Koa();
  server.use(guarded(options.appOrigin));
  server.use(router.routes());
  return server;
}

/** Deposits what is open, and answers with the app's launch URL (SMART app-launch, "Launch App: EHR Launch"). */
async function launchAddress(options: EhrOptions, patient: (typeof schedule)[number]): Promise<string> {
  const response = await fetch(`${options.issuer}/launch-contexts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(options),
      app: options.app,
      user: demoClinician,
      patient: patient.id,
      encounter: patient.visitId,
      needPatientBanner: true,
      intent: 'review-results',
    }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 201) throw new Error(`the launch was refused with ${response.status}`);
  const {
    launch,
    iss,
    launch_uris: uris,
  } = (await response.json()) as {
    launch: string;
    iss: string;
    launch_uris: readonly string[];
  };
  const address = new URL(uris[0] ?? '');
  address.searchParams.set('iss', iss);
  address.searchParams.set('launch', launch);
  return address.href;
}

async function assertion({ issuer, ehrId, key }: EhrOptions): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const alg = key.alg as string;
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg, kid: key.kid, typ: 'JWT' })
    .setIssuer(ehrId)
    .setSubject(ehrId)
    .setAudience(issuer)
    .setIssuedAt(now)
    .setExpirationTime(now + 60)
    .sign(await importJWK(key, alg));
}

// The form ends at the app: Chromium applies form-action to redirects too (CSP3 §6.4.1).
function guarded(appOrigin: string): Middleware {
  const policy = [
    ...["default-src 'none'", "style-src 'self'", `form-action 'self' ${appOrigin}`],
    ...["base-uri 'none'", "frame-ancestors 'none'"],
  ].join('; ');
  return (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': policy,
      // No launch value and no patient in a Referer; same-origin keeps Origin in the form.
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    });
    return next();
  };
}
