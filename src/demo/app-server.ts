// Demo: synthetic records behind a FHIR server, and two clients of it: an app for patients, a backend service.
// Each speaks to Postern over HTTP as a stranger would; nothing here reaches into another part.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Router } from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { createTemplates } from '../web/templates.ts';

export interface DemoAppOptions {
  readonly fhirBase: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly scope?: string;
  readonly issuerName?: string;
  /** The registration that an EHR opens for a clinician: another purpose, another ceiling. */
  readonly clinic?: { readonly clientId: string; readonly scope: string };
}

export const demoAppScope =
  'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs';

const views = fileURLToPath(new URL('../../views/demo', import.meta.url));
const scripts = { app: ['fhir-client.js', 'app.js'], launch: ['fhir-client.js', 'launch.js'] };

/** "Lantern Health": a public SMART client that lives in the browser; this only serves its pages. */
export function createDemoApp(options: DemoAppOptions): Koa {
  const templates = createTemplates(views);
  const assets = readAssets();
  const page = (name: string, title: string, files: readonly string[] = []) =>
    templates.render(name, {
      ...options,
      clinic: options.clinic ?? { clientId: options.clientId, scope: options.scope ?? demoAppScope },
      scope: options.scope ?? demoAppScope,
      issuerName: options.issuerName ?? 'your health network',
      title,
      scripts: files,
    });
  const home = page('home', 'Your lab results, made clear');
  const launch = page('launch', 'Connecting', scripts.launch);
  const app = page('app', 'Your results', scripts.app);
  const missing = page('missing', 'No such page');

  const router = new Router();
  for (const [path, html] of [
    ['/', home],
    ['/launch', launch],
    ['/app', app],
  ] as const)
    router.get(path, (ctx) => {
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = html;
    });
  router.get('/assets/:name', (ctx) => {
    const asset = assets.get(ctx.params.name ?? '');
    if (!asset) return;
    ctx.set('Cache-Control', 'no-cache');
    ctx.type = asset.type;
    ctx.body = asset.body;
  });

  const server = new Koa();
  server.use(guarded(options));
  server.use(async (ctx, next) => {
    await next();
    if (ctx.status !== 404 || ctx.body) return;
    ctx.status = 404;
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = missing;
  });
  server.use(router.routes());
  return server;
}

// The redirect URI carries a code: no page of this origin is stored, framed or named to another origin
function guarded({ fhirBase, issuer }: DemoAppOptions): Middleware {
  const connect = [...new Set([new URL(fhirBase).origin, new URL(issuer).origin])].join(' ');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    });
    return next();
  };
}

function readAssets(): Map<string, { body: Buffer; type: string }> {
  const directory = join(views, 'assets');
  const read = (path: string) => ({ body: readFileSync(path), type: extname(path) });
  const assets = new Map(readdirSync(directory).map((name) => [name, read(join(directory, name))]));
  const library = createRequire(import.meta.url).resolve('fhirclient/package.json');
  return assets.set('fhir-client.js', read(join(dirname(library), 'build', 'fhir-client.pure.min.js')));
}
