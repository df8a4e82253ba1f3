import { type Reason, refusals } from '../errors.ts';
import type { Fault } from '../policy/faults.ts';

export type { Fault } from '../policy/faults.ts';

/** A command that is refused: nothing was changed. */
export class RegistryRefusal extends Error {
  override readonly name = 'RegistryRefusal';
  readonly reason: Reason;
  readonly status: number;
  readonly faults: readonly Fault[];

  constructor(reason: Reason, faults: readonly Fault[] = []) {
    super(refusals[reason].text);
    this.reason = reason;
    this.status = refusals[reason].status;
    this.faults = faults;
  }
}
