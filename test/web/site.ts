import { once } from 'node:events';
import { type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyParser } from '@koa/bodyparser';
import Koa, { type Context, type Middleware } from 'koa';
import { createAssets } from '../../src/web/assets.ts';
import { createBrowserCookie } from '../../src/web/browser-cookie.ts';
import { createForms, type Forms } from '../../src/web/csrf.ts';
import { errorPages } from '../../src/web/error-page.ts';
import { createMessages } from '../../src/web/messages.ts';
import { createPages, type Pages } from '../../src/web/page.ts';
import { requestContext } from '../../src/web/request-context.ts';
import { securityHeaders } from '../../src/web/security-headers.ts';
import { createTemplates } from '../../src/web/templates.ts';

export const views = 'views';
export const secret = 'a secret of the tests, long enough';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Site {
  pages: Pages;
  forms: Forms;
  reported: unknown[];
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: string, headers?: Record<string, string>): Promise<Answer>;
  close(): void;
}

/** The web folder alone, with one handler behind it, over real HTTP. */
export async function openSite(
  issuer: string,
  handler: (ctx: Context, site: Pick<Site, 'pages' | 'forms'>) => void,
  helpContact?: string,
): Promise<Site> {
  const secure = issuer.startsWith('https:');
  const cookie = createBrowserCookie(secure);
  const forms = createForms({ secret, issuer, cookie });
  const assets = createAssets(views);
  const pages = createPages({
    templates: createTemplates(views),
    messages: createMessages(views),
    assets,
    forms,
    secure,
    operatorName: 'Test network',
    helpContact,
  });
  const reported: unknown[] = [];
  const app = new Koa({ proxy: true });
  app.use(requestContext);
  app.use(securityHeaders(secure));
  app.use(errorPages(pages, (error) => reported.push(error)));
  app.use(assets.middleware);
  app.use(bodyParser() as Middleware);
  app.use((ctx) => handler(ctx, { pages, forms }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    pages,
    forms,
    reported,
    get: (path, headers = {}) => send(server, 'GET', path, headers),
    post: (path, body, headers = {}) =>
      send(server, 'POST', path, { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body),
    close: () => server.close(),
  };
}

/** node:http, since it alone sends Origin and Sec-Fetch-Site as told, and paths as they are. */
function send(
  server: Server,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      async (response) => {
        response.setEncoding('utf8');
        let text = '';
        for await (const part of response) text += part;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export function cookieOf(answer: Answer): string {
  return (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
}
