import type { Context } from 'koa';
import type { Assets } from './assets.ts';
import type { Forms } from './csrf.ts';
import { chooseLocale, knownLocale, type Locale, locales } from './locale.ts';
import type { Messages, Translate } from './messages.ts';
import type { Templates } from './templates.ts';

export interface Pages {
  /** Answers with views/<name>.eta; the template sees `it.view`, `it.t`, `it.page` and `it.csrf`. */
  renderPage(ctx: Context, name: string, view: object, status?: number): void;
  /** Chosen once a request; give the authorization request's `ui_locales` before the first use. */
  localeOf(ctx: Context, uiLocales?: string): Locale;
  translate(ctx: Context): Translate;
}

interface LanguageLink {
  locale: Locale;
  href: string;
  current: boolean;
}

const languageCookie = 'postern-language';

function only(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function contactHref(contact: string): string | null {
  if (/^https:\/\/\S+$/.test(contact)) return contact;
  if (/^\+?[\d\s().-]{5,}$/.test(contact)) return `tel:${contact.replace(/[^\d+]/g, '')}`;
  return /^[^\s@]+@[^\s@]+$/.test(contact) ? `mailto:${contact}` : null;
}

// The switch reads the same page again, so it stands only where reading again changes nothing: also where no page is, and
// what was asked for there is not repeated.
function languageLinks(ctx: Context, current: Locale): LanguageLink[] {
  const isMissing = ctx.status === 404;
  if (ctx.method !== 'GET' || (ctx.status >= 400 && !isMissing)) return [];
  return locales.map((locale) => {
    const query = new URLSearchParams(isMissing ? '' : ctx.querystring);
    query.set('lang', locale);
    return { locale, href: `?${query}`, current: locale === current };
  });
}

export function createPages(deps: {
  templates: Templates;
  messages: Messages;
  assets: Assets;
  forms: Forms;
  secure: boolean;
  operatorName: string;
  /** A phone number, an address or a URL, printed at the foot of every page (WCAG 2.2 §3.2.6). */
  helpContact?: string | undefined;
}): Pages {
  const help =
    deps.helpContact === undefined ? null : { text: deps.helpContact, href: contactHref(deps.helpContact) };

  function localeOf(ctx: Context, uiLocales?: string): Locale {
    if (ctx.state.locale) return ctx.state.locale;
    const chosen = knownLocale(only(ctx.query.lang));
    const locale = chooseLocale({
      chosen,
      cookie: ctx.cookies.get(languageCookie, { signed: false }),
      uiLocales,
      acceptLanguage: ctx.get('Accept-Language'),
    });
    if (chosen) {
      ctx.cookies.secure = deps.secure;
      ctx.cookies.set(languageCookie, chosen, {
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        secure: deps.secure,
        signed: false,
      });
    }
    ctx.state.locale = locale;
    return locale;
  }

  const translate = (ctx: Context) => deps.messages.translator(localeOf(ctx));

  return {
    localeOf,
    translate,
    renderPage(ctx, name, view, status = 200) {
      const locale = localeOf(ctx);
      ctx.status = status;
      ctx.set('Cache-Control', 'no-store');
      ctx.set('Content-Language', locale);
      ctx.type = 'html';
      ctx.body = deps.templates.render(name, {
        view,
        t: deps.messages.translator(locale),
        csrf: deps.forms.token(ctx),
        page: {
          name,
          locale,
          nonce: ctx.state.nonce,
          operatorName: deps.operatorName,
          help,
          languages: languageLinks(ctx, locale),
          asset: deps.assets.url,
        },
      });
    },
  };
}
