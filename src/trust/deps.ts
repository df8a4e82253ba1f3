import type { CeremonyDeps } from '../passkeys/page-ceremony.ts';
import type { Sessions } from '../provider/sessions.ts';
import type { Log } from '../web/log.ts';
import type { Pages } from '../web/page.ts';
import type { PatientMatcher } from './matcher.ts';
import type { ProviderSettings } from './provider-settings.ts';
import type { Upstream } from './upstream.ts';

export interface TrustDeps extends CeremonyDeps {
  readonly issuer: string;
  readonly pages: Pages;
  readonly sessions: Pick<Sessions, 'signIn' | 'accountOf' | 'passkeyOf'>;
  readonly providers: readonly ProviderSettings[];
  readonly upstream: Upstream;
  readonly matcher: PatientMatcher;
  readonly log: Pick<Log, 'warn'>;
}
