import type { IncomingMessage } from 'node:http';
import type { CeremonyDeps } from '../passkeys/page-ceremony.ts';
import type { Sessions } from '../provider/sessions.ts';
import type { StaffSessions } from '../staff/sessions.ts';
import type { Log } from '../web/log.ts';
import type { Pages } from '../web/page.ts';
import type { PatientMatcher } from './matcher.ts';
import type { ProviderSettings } from './provider-settings.ts';
import type { Upstream } from './upstream.ts';

/** Of the pages on which staff sign in at their organization. */
export interface StaffTrustDeps extends CeremonyDeps {
  readonly issuer: string;
  readonly pages: Pages;
  readonly upstream: Upstream;
  readonly staffSessions: Pick<StaffSessions, 'begin'>;
  /** The network a request comes from. */
  readonly networkOf: (req: IncomingMessage) => string;
  /** Seals the client secrets of organizations' providers. */
  readonly sealKey: string;
  readonly log: Pick<Log, 'warn'>;
}

export interface TrustDeps extends CeremonyDeps {
  readonly issuer: string;
  readonly pages: Pages;
  readonly sessions: Pick<Sessions, 'signIn' | 'accountOf' | 'passkeyOf'>;
  readonly providers: readonly ProviderSettings[];
  readonly upstream: Upstream;
  readonly matcher: PatientMatcher;
  readonly log: Pick<Log, 'warn'>;
}
