// web: how every page is made and guarded (templates, messages, forms, headers, errors, assets).
// It knows no patient, app or protocol; features hand it a template name and a view.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { Context, Middleware } from 'koa';

export interface Assets {
  /** The address with the content's hash, which may be cached for a year. */
  url(name: string): string;
  middleware: Middleware;
}

interface Asset {
  body: Buffer;
  type: string;
  version: string;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const prefix = '/assets/';
const webauthnScript = 'simplewebauthn-browser.js';

function asset(path: string): Asset {
  const type = types[extname(path)];
  if (!type) throw new Error(`no content type is declared for the asset ${path}`);
  const body = readFileSync(path);
  return { body, type, version: createHash('sha256').update(body).digest('base64url').slice(0, 16) };
}

function webauthnBundle(): string {
  const entry = createRequire(import.meta.url).resolve('@simplewebauthn/browser');
  return join(dirname(entry), '..', 'dist', 'bundle', 'index.umd.min.js');
}

export function createAssets(viewsDirectory: string): Assets {
  const directory = join(viewsDirectory, 'assets');
  const files = new Map(readdirSync(directory).map((name) => [name, asset(join(directory, name))]));
  files.set(webauthnScript, asset(webauthnBundle()));

  function send(ctx: Context, { body, type, version }: Asset): void {
    ctx.status = 200;
    ctx.set('Content-Type', type);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('ETag', `"${version}"`);
    ctx.set('Cache-Control', ctx.query.v === version ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = body;
  }

  return {
    url(name) {
      const file = files.get(name);
      if (!file) throw new Error(`no asset is called ${name}`);
      return `${prefix}${name}?v=${file.version}`;
    },
    middleware(ctx, next) {
      const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
      // A look-up among the files read at start: no path of the request reaches the file system.
      const file = ctx.path.startsWith(prefix) ? files.get(ctx.path.slice(prefix.length)) : undefined;
      if (!reads || !file) return next();
      send(ctx, file);
      return Promise.resolve();
    },
  };
}
