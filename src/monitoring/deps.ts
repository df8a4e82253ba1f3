// What looks at how access is used, by itself: dormancy, least privilege, integrations that went away. It reads what others
// wrote, opens findings, and does what an operator said should follow; it answers no request.
import type { RegistryDeps } from '../registry/deps.ts';
import type { Log } from '../web/log.ts';

export interface GovernanceDeps extends RegistryDeps {
  readonly log: Log;
}
