// Which key or secret a request proved itself with: the provider knows the client only.
import { noteKeyUse } from '../store/app-keys.ts';
import type { Store } from '../store/database.ts';
import type { Step } from './after-answer.ts';

const MINUTE_MS = 60_000;
const NOTED_MAX = 10_000;

const used = new WeakMap<object, string>();

interface Request {
  readonly req: object;
}

export function noteCredential({ req }: Request, keyId: string): void {
  used.set(req, keyId);
}

/** The id of the credential that this request was authenticated with. */
export const credentialOf = ({ req }: Request): string | undefined => used.get(req);

/** Notes the last use of a credential, to the minute, when the client was authenticated with it. */
export function recordCredentialUse(store: Store): Step {
  const noted = new Map<string, number>();
  return (ctx) => {
    const id = credentialOf(ctx);
    const minute = Math.floor(Date.now() / MINUTE_MS);
    // A replayed assertion proves nothing.
    if (id === undefined || ctx.status === 401 || noted.get(id) === minute) return undefined;
    if (noted.size >= NOTED_MAX) noted.clear();
    noted.set(id, minute);
    return noteKeyUse(store, id);
  };
}
