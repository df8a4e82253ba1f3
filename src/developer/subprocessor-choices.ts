import type { Context } from 'koa';
import { listSubprocessors, namedSubprocessors, type OrganizationChoice } from '../registry/subprocessors.ts';
import type { Option } from '../staff/fields.ts';
import { requireActor } from '../staff/guard.ts';
import { countryName } from '../staff/revision-words.ts';
import type { Locale } from '../web/locale.ts';
import type { DeveloperDeps } from './deps.ts';
import { type Draft, subprocessorsIn } from './revision-draft.ts';

export interface SubprocessorChoices {
  /** Those that the draft names, by their ids. */
  readonly named: ReadonlyMap<string, Option>;
  readonly found: readonly Option[];
  readonly search: string;
  /** More are there than were found: a longer part of the name finds fewer. */
  readonly more: boolean;
}

export const organizationOption = (
  { id, legalName, country }: OrganizationChoice,
  locale: Locale,
): Option => ({ value: id, label: `${legalName} (${countryName(country, locale)})` });

/** What the selects of a draft offer. */
export async function subprocessorChoices(
  { registry, pages }: DeveloperDeps,
  ctx: Context,
  draft: Draft,
): Promise<SubprocessorChoices> {
  const actor = requireActor(ctx);
  const locale = pages.localeOf(ctx);
  // What cannot be typed is not searched for, and must not cost what was typed elsewhere.
  const asked = draft.get('subprocessors.search') ?? '';
  const search = asked
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
    .trim()
    .slice(0, 120);
  const ids = subprocessorsIn(draft).map(({ organizationId }) => organizationId);
  const [{ rows, next }, named] = await Promise.all([
    listSubprocessors(registry, actor, { name: search }),
    namedSubprocessors(registry, actor, ids),
  ]);
  const option = (choice: OrganizationChoice) => organizationOption(choice, locale);
  return {
    named: new Map(named.map((one) => [one.id, option(one)])),
    ...{ found: rows.map(option), search, more: next !== null },
  };
}
