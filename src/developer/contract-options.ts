import type { Context } from 'koa';
import { listContracts } from '../registry/contracts.ts';
import type { Option } from '../staff/fields.ts';
import { requireActor } from '../staff/guard.ts';
import { longDate } from '../web/dates.ts';
import type { DeveloperDeps } from './deps.ts';

/** The contracts of the own organization that have not ended. */
export async function contractOptions({ registry, pages }: DeveloperDeps, ctx: Context): Promise<Option[]> {
  const actor = requireActor(ctx);
  const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
  const contracts = await listContracts(registry, actor, actor.organizationId);
  const now = new Date();
  return contracts
    .filter(({ endsAt }) => endsAt > now)
    .map(({ id, reference, endsAt }) => ({
      value: id,
      label: t('developer.contract', { reference, day: longDate(endsAt, locale) }),
    }));
}
