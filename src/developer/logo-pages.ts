import type { IncomingMessage } from 'node:http';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { addLogo, LOGO_BYTES_MAX } from '../registry/logos.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { requireActor } from '../staff/guard.ts';
import { logoUrlOf } from '../web/logo-url.ts';
import type { DeveloperDeps } from './deps.ts';

/** Takes a picture by itself, as the script of the form sends it; the form then names what was kept. */
export function logoPages(router: Router, deps: DeveloperDeps): void {
  const refuse = (ctx: Context, status: number, { code }: Pick<Fault, 'code'>) => {
    ctx.status = status;
    ctx.body = { error: deps.pages.translate(ctx)(`fault.${code}`) };
  };

  router.post('/developer/logos', async (ctx) => {
    deps.forms.assertForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    if (ctx.is('image/png') !== 'image/png') return refuse(ctx, 415, { code: 'logo_not_png' });
    const file = await readAtMost(ctx.req, LOGO_BYTES_MAX);
    if (file === undefined) {
      // What is left of it is not waited for.
      ctx.set('Connection', 'close');
      return refuse(ctx, 413, { code: 'logo_too_large' });
    }
    const added = await attempt(addLogo(deps.registry, requireActor(ctx), file));
    if ('faults' in added) return refuse(ctx, 422, added.faults[0] ?? { code: 'logo_damaged' });
    const { logoId } = added.result;
    ctx.status = 201;
    ctx.body = { logoId, url: logoUrlOf(logoId) };
  });
}

/** Undefined: there is more. */
async function readAtMost(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > most) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
