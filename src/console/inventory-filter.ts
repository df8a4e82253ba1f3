import type { Context } from 'koa';
import { ENVIRONMENTS } from '../policy/environments.ts';
import { FINDINGS, PATH_KINDS } from '../policy/findings.ts';
import { isEmergency, purposesOfUse } from '../policy/purpose-of-use.ts';
import type { InventoryFilter } from '../registry/inventory.ts';
import type { Field } from '../staff/fields.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import type { Translate } from '../web/messages.ts';

const PURPOSES: readonly string[] = purposesOfUse.filter((code) => !isEmergency(code));
const LONGEST = 100;

/** What a page of the inventory is asked for; what it does not know is as good as not said. */
export function inventoryFilterIn(ctx: Context): InventoryFilter {
  const word = (name: string) => wordIn(ctx, name)?.slice(0, LONGEST);
  const filter = {
    kind: choiceIn(ctx, 'kind', PATH_KINDS),
    environment: choiceIn(ctx, 'environment', ENVIRONMENTS),
    finding: choiceIn(ctx, 'finding', FINDINGS),
    purpose: choiceIn(ctx, 'purpose', PURPOSES),
    ...{ text: word('text'), organizationId: word('organizationId'), ownerId: word('ownerId') },
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** The address of a part of the inventory. */
export function inventoryUrl(filter: InventoryFilter, path = '/admin/inventory'): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== undefined));
  return query.size === 0 ? path : `${path}?${query}`;
}

export function inventoryFields(t: Translate, filter: InventoryFilter): Field[] {
  const choice = (
    name: 'kind' | 'environment' | 'finding' | 'purpose',
    values: readonly string[],
  ): Field => ({
    ...{ name, kind: 'select', label: t(`inventory.filter.${name}`), value: filter[name] ?? '' },
    options: ['', ...values].map((value) => ({ value, label: optionLabel(t, name, value) })),
  });
  return [
    { name: 'text', kind: 'search', label: t('inventory.filter.text'), value: filter.text ?? '' },
    choice('kind', PATH_KINDS),
    choice('finding', FINDINGS),
    choice('environment', ENVIRONMENTS),
    choice('purpose', PURPOSES),
  ];
}

function optionLabel(t: Translate, name: string, value: string): string {
  if (value === '') return t('inventory.filter.all');
  return name === 'purpose' ? `${t(`purpose.${value}`)} (${value})` : t(`inventory.${name}.${value}`);
}
