import type { SafeFetch } from '../outside/safe-fetch.ts';
import type { Sign } from '../provider/keys.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';

/** The id of the resource server that proved itself with this Authorization header; undefined: none did. */
export type Authenticate = (header: string, requestId: string) => Promise<string | undefined>;

export interface TransmitterDeps {
  readonly store: Store;
  readonly issuer: string;
  /** Seals what receivers let us send as Authorization header. */
  readonly sealKey: string;
  readonly sign: Sign;
}

export interface StreamDeps extends TransmitterDeps {
  readonly authenticate: Authenticate;
  /** For development, tests and the demo: events may be pushed to this machine, without TLS. */
  readonly allowLoopback: boolean;
  readonly isStopping: () => boolean;
}

export interface DeliveryDeps extends TransmitterDeps {
  readonly fetch: SafeFetch;
  readonly log: Log;
}
