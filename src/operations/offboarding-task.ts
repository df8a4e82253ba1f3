import type { Config } from '../config.ts';
import { createSigner, readSigningKeys } from '../provider/keys.ts';
import { type ProofDeps, proveOffboarding } from '../registry/offboarding-proof.ts';
import type { Store } from '../store/database.ts';
import { unprovenOffboardings } from '../store/offboardings.ts';
import type { Log } from '../web/log.ts';
import type { Task } from './timers.ts';

export interface ProvingOptions {
  readonly config: Pick<Config, 'issuer' | 'operatorName'>;
  readonly secret: string;
  readonly store: Store;
  readonly log: Log;
}

/** Goes on with the proof of each offboarding where it stands, until its receipt is there. */
export function proving({ config, secret, store, log }: ProvingOptions): Task['run'] {
  return async (stopping) => {
    const open = await unprovenOffboardings(store);
    if (open.length === 0) return;
    const { issuer, operatorName } = config;
    const sign = createSigner(await readSigningKeys(store, secret));
    const deps: ProofDeps = { store, issuer, operatorName, sign };
    const prove = async (id: string): Promise<void> => {
      const row = await proveOffboarding(deps, id, { isStopping: () => stopping.asked });
      if (row.active > 0)
        log.error({ offboarding: id, active: row.active }, 'tokens are active after an offboarding');
      if (row.receiptAt !== null) log.info({ offboarding: id }, 'the receipt of an offboarding is there');
    };
    for (const id of open) {
      if (stopping.asked) return;
      // One that cannot be proved does not keep the others.
      await prove(id).catch((error) => log.error({ err: error, offboarding: id }, 'a proof failed'));
    }
  };
}
