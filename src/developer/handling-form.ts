import { DATA_USE_ANSWERS, DATA_USE_QUESTIONS } from '../policy/data-use.ts';
import { SUBPROCESSOR_SERVICES } from '../policy/revision.ts';
import type { Translate } from '../web/messages.ts';
import { revisionField, revisionOptions } from './form-fields.ts';
import { type Draft, subprocessorsIn } from './revision-draft.ts';
import type { SubprocessorChoices } from './subprocessor-choices.ts';

/** What the app does with data once it has it. */
export function dataUseFields(t: Translate) {
  const field = revisionField(t);
  const options = (name: string, values: readonly string[]) =>
    revisionOptions(t, name, values, { open: true });
  return DATA_USE_QUESTIONS.flatMap((question) => {
    const name = `dataUse.${question}.answer`;
    return [
      field('select', name, { short: true, options: options(name, DATA_USE_ANSWERS[question]) }),
      field('textarea', `dataUse.${question}.explanation`, { short: true, optional: true, rows: 2 }),
    ];
  });
}

/** A row for each that is named, and two more to fill in. */
export function subprocessorRows(draft: Draft, { named, found }: SubprocessorChoices, t: Translate) {
  const services = SUBPROCESSOR_SERVICES.map((value) => ({
    value,
    label: t(`revision.value.service.${value}`),
  }));
  const blank = { organizationId: '', service: 'hosting' };
  const none = { value: '', label: t('developer.subprocessors.none') };
  const organizations = (chosen: string) => {
    const others = found.filter(({ value }) => value !== chosen);
    const own = named.get(chosen) ?? { value: chosen, label: chosen };
    return [none, ...(chosen === '' ? [] : [own]), ...others].map((option) => ({
      ...option,
      selected: option.value === chosen,
    }));
  };
  return [...subprocessorsIn(draft), blank, blank].map((row, index) => ({
    id: index === 0 ? 'field-subprocessors.organizationId' : `subprocessor-${index + 1}`,
    number: index + 1,
    organizations: organizations(row.organizationId),
    services: services.map((option) => ({ ...option, selected: option.value === row.service })),
  }));
}
