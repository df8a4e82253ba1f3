import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type Router from '@koa/router';
import { openApp, renderApp } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** Programs that work as they are printed, once the app's own values stand in them; the tests run them. */
const PROGRAMS = { browser: 'browser.html', node: 'node.mjs', backend: 'backend.mjs' } as const;
type Program = keyof typeof PROGRAMS;

const folder = fileURLToPath(new URL('../../views/quickstart/', import.meta.url));
const sources = Object.fromEntries(
  Object.entries(PROGRAMS).map(([program, file]) => [program, readFileSync(`${folder}${file}`, 'utf8')]),
) as Readonly<Record<Program, string>>;

export interface QuickStartValues {
  readonly issuer: string;
  readonly fhirBase: string;
  readonly clientId: string;
  readonly scope: string;
  readonly redirectUri: string;
}

/** The program with these values in it; they are text of a string literal there. */
export function quickStart(program: Program, values: QuickStartValues): string {
  return sources[program].replace(/\{\{(\w+)\}\}/g, (_, name: keyof QuickStartValues) =>
    JSON.stringify(values[name]).slice(1, -1).replaceAll("'", "\\'").replaceAll('<', '\\u003c'),
  );
}

export function quickStartPages(router: Router, deps: DeveloperDeps): void {
  router.get('/developer/apps/:id/quick-start', async (ctx) => {
    const { app } = await openApp(deps, ctx);
    const t = deps.pages.translate(ctx);
    const revision = app.live ?? app.newest;
    const values: QuickStartValues = {
      issuer: deps.issuer,
      fhirBase: revision.audiences[0] ?? '',
      clientId: app.id,
      scope: revision.scopeCeiling,
      redirectUri: revision.redirectUris[0] ?? '',
    };
    const isBackend = revision.grantTypes.includes('client_credentials');
    const programs: readonly Program[] = isBackend
      ? ['backend']
      : revision.authMethod === 'none'
        ? ['browser', 'node']
        : ['node'];
    const view = {
      isLoginOnly: revision.profile === 'oidc',
      values: Object.entries(values).map(([name, value]) => ({
        label: t(`developer-quick-start.${name}`),
        value,
      })),
      programs: programs.map((program) => ({
        title: t(`developer-quick-start.${program}`),
        lead: t(`developer-quick-start.${program}.lead`),
        code: quickStart(program, values),
      })),
    };
    renderApp(deps, ctx, { app, tab: 'quick-start', template: 'developer-quick-start', view });
  });
}
