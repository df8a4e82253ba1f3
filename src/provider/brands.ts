// The user-access brand bundle (SMART brands): what the operator wrote, checked at the start and served as it is.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import Router from '@koa/router';
import { StartError } from '../errors.ts';
import { type BrandBundle, readBrandBundle } from '../smart/brands.ts';
import { anyOriginPreflight } from './cors.ts';

export const BRANDS_PATH = '/user-access-brands';

export async function readBrands(file: string): Promise<BrandBundle> {
  const fail = (why: string) => new StartError(`The brands in ${file} cannot be published: ${why}.`);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw fail(`the file cannot be read (${cause.code})`);
  });
  const read = readBrandBundle(parsed(text, fail));
  if ('fault' in read) throw fail(read.fault);
  return read.bundle;
}

function parsed(text: string, fail: (why: string) => StartError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail('it is not JSON');
  }
}

/** SMART brands, "Conformance Overview": CORS for every GET, and a weak ETag, so that apps fetch only what changed. */
export function brandRoutes(bundle: BrandBundle): Router {
  const body = JSON.stringify(bundle);
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const router = new Router();
  router.options(BRANDS_PATH, anyOriginPreflight);
  router.get(BRANDS_PATH, (ctx) => {
    ctx.set({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'ETag' });
    ctx.set({ 'Cache-Control': 'no-cache', ETag: etag });
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.type = 'application/fhir+json';
    ctx.body = body;
  });
  return router;
}
