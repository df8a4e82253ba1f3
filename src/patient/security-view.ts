import { providerOf } from '../passkeys/providers.ts';
import { sha256Hex } from '../store/hash.ts';
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

export interface PasskeyFacts {
  readonly id: string;
  readonly name: string | null;
  readonly aaguid: string;
  readonly backedUp: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly lastUsedWith: string | null;
}

export interface SecurityFacts {
  readonly passkeys: readonly PasskeyFacts[];
  /** The one that this session rests on. */
  readonly shown: string | undefined;
  readonly done: unknown;
}

export const SECURITY_URL = '/my/security';

/** Names a passkey in an address: its id may be very long. */
export const handleOf = (id: string): string => sha256Hex(id).slice(0, 16);

const dones = ['added', 'renamed', 'removed'];

export function securityView({ passkeys, shown, done }: SecurityFacts, t: Translate, locale: Locale) {
  return {
    ...{
      backUrl: '/my',
      addUrl: `${SECURITY_URL}/add`,
      everywhereUrl: `${SECURITY_URL}/sign-out-everywhere`,
    },
    done: dones.includes(done as string) ? t(`security.done.${done}`) : null,
    passkeys: passkeys.map((passkey) => {
      const name = nameOf(passkey, t);
      const url = `${SECURITY_URL}/passkeys/${handleOf(passkey.id)}`;
      return {
        ...{ handle: handleOf(passkey.id), name, mark: [...name][0], isShown: passkey.id === shown },
        provider: providerOf(passkey.aaguid) ?? t('security.provider.unknown'),
        created: longDate(passkey.createdAt, locale),
        lastUsed: lastUse(passkey, passkey.id === shown, t, locale),
        copies: t(passkey.backedUp ? 'security.synced' : 'security.one-device'),
        renameLabel: t('security.rename.label', { name }),
        removeLabel: t('security.remove.label', { name }),
        ...{ renameUrl: `${url}/name`, removeUrl: `${url}/remove` },
      };
    }),
  };
}

/** As she calls it, or else by where it is kept. */
export const nameOf = ({ name, aaguid }: Pick<PasskeyFacts, 'name' | 'aaguid'>, t: Translate): string =>
  name ?? providerOf(aaguid) ?? t('security.passkey');

/** She signed in by making it, or with it: `isShown`. */
function lastUse(passkey: PasskeyFacts, isShown: boolean, t: Translate, locale: Locale): string {
  const { createdAt, lastUsedWith } = passkey;
  const lastUsedAt = passkey.lastUsedAt ?? (isShown ? createdAt : null);
  if (lastUsedAt === null) return t('security.never');
  const date = longDate(lastUsedAt, locale);
  const [browser, system] = (lastUsedWith ?? '/').split('/');
  if (!browser && !system) return date;
  const words = browser
    ? system
      ? t('security.browser.both', { browser, system })
      : browser
    : t('security.browser.unknown', { system: system as string });
  return t('security.used-with', { date, browser: words });
}

interface RemovalFacts {
  readonly passkey: Pick<PasskeyFacts, 'id' | 'name' | 'aaguid'>;
  readonly isLast: boolean;
  readonly isShown: boolean;
}

/** What follows from a removal, before it is done; or why it cannot be. */
export function removalView({ passkey, isLast, isShown }: RemovalFacts, t: Translate) {
  const name = nameOf(passkey, t);
  const points = ['gone', 'sessions', ...(isShown ? ['this-session'] : []), 'device'];
  return {
    ...{ name, isLast, backUrl: SECURITY_URL, addUrl: `${SECURITY_URL}/add` },
    actionUrl: `${SECURITY_URL}/passkeys/${handleOf(passkey.id)}/remove`,
    heading: t(isLast ? 'passkey-remove.last.title' : 'passkey-remove.title', { name }),
    points: points.map((point) => t(`passkey-remove.point.${point}`)),
  };
}
