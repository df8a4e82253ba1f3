import { AUTH_METHODS } from '../policy/client-metadata.ts';
import { isEmergency, purposesOfUse } from '../policy/purpose-of-use.ts';
import { BASES, EXCHANGE_PROFILES, IDENTIFICATIONS, USE_CATEGORIES } from '../policy/use-case.ts';
import type { Fault } from '../registry/refusal.ts';
import { type Field, filled, type Option } from '../staff/fields.ts';
import { formFaults } from '../staff/form-faults.ts';
import type { Translate } from '../web/messages.ts';
import { controlOf, labelOf } from './controls.ts';
import { type FormSection, isFolded, revisionField, revisionOptions } from './form-fields.ts';
import { dataUseFields, subprocessorRows } from './handling-form.ts';
import type { Draft } from './revision-draft.ts';
import { builderView } from './scope-builder-view.ts';
import type { SubprocessorChoices } from './subprocessor-choices.ts';

export interface FormFacts {
  readonly environment: string;
  /** FHIR servers of the environment. */
  readonly fhirBases: readonly { readonly url: string; readonly serverName: string }[];
  readonly faults: readonly Fault[];
  readonly subprocessors: SubprocessorChoices;
  /** Of the own organization, in force: for a new app in production. */
  readonly contracts: readonly Option[] | undefined;
}

/** The whole form of a revision: five sections, beginning with the use case. */
export function revisionForm(draft: Draft, facts: FormFacts, t: Translate) {
  const faults = formFaults(facts.faults, t, controlOf, (field) => labelOf(controlOf(field), t));
  const section = (id: string, controls: readonly Field[], folded = false): FormSection => {
    const fields = filled(controls, draft);
    return {
      ...{ id, title: t(`developer.section.${id}`), lead: t(`developer.section.${id}.lead`), fields },
      folded: folded && isFolded(fields, faults),
    };
  };
  return {
    faults,
    sections: [
      section('use-case', useCaseFields(t)),
      section('special', specialFields(t), true),
      section('about', [...aboutFields(t), ...contractFields(facts, t)]),
      section('addresses', addressFields(facts, t)),
      section('more-addresses', moreAddressFields(t), true),
      section('scopes', scopeFields(t)),
      section('data-use', dataUseFields(t)),
    ],
    builder: builderView(draft, t),
    subprocessors: subprocessorRows(draft, facts.subprocessors, t),
    subprocessorSearch: { value: facts.subprocessors.search, more: facts.subprocessors.more },
  };
}

function useCaseFields(t: Translate) {
  const field = revisionField(t);
  const categories = USE_CATEGORIES.map((value) => ({ value, label: t(`scope.${value}.name`) }));
  const short = { short: true };
  const hour = { ...short, optional: true, literal: true };
  const choice = (name: string, values: readonly string[], hint = false) =>
    field('select', name, { options: revisionOptions(t, name, values, { open: true }), hint });
  return [
    field('textarea', 'purposeStatement', { hint: true, rows: 2 }),
    field('boxes', 'useCase.categories', { hint: true, options: categories }),
    choice('useCase.access', ['view', 'change']),
    choice('useCase.basis', BASES, true),
    field('text', 'useCase.basisReference', { hint: true, optional: true }),
    choice('useCase.exchangeProfile', EXCHANGE_PROFILES),
    field('number', 'useCase.volume.requestsPerHour', short),
    field('number', 'useCase.volume.patientsPerDay', short),
    hoursField(t),
    field('text', 'useCase.hours.from', { ...hour, hint: true }),
    field('text', 'useCase.hours.to', hour),
    field('text', 'useCase.hours.timeZone', { ...hour, hint: true }),
    field('date', 'useCase.endsAt', { hint: true, optional: true }),
    field('textarea', 'useCase.revocation', { hint: true, rows: 3 }),
    field('text', 'useCase.storageCountries', { hint: true, literal: true }),
  ];
}

function hoursField(t: Translate) {
  const field = revisionField(t);
  return field('select', 'useCase.hours', {
    short: true,
    options: [
      { value: '', label: t('developer.option.open') },
      { value: 'always', label: t('revision.value.useCase.hours.always') },
      { value: 'from-to', label: t('developer.option.hours.from-to') },
    ],
  });
}

function specialFields(t: Translate) {
  const field = revisionField(t);
  const name = 'useCase.minimization.identification';
  return [
    field('text', 'useCase.legalReview.by'),
    field('text', 'useCase.legalReview.reference'),
    field('date', 'useCase.legalReview.reviewedAt'),
    field('textarea', 'useCase.minimization.necessity', { rows: 3 }),
    field('select', name, { options: revisionOptions(t, name, IDENTIFICATIONS, { open: true }) }),
  ];
}

function aboutFields(t: Translate) {
  const field = revisionField(t);
  const choice = (name: string, values: readonly string[], hint = false) =>
    field('select', name, { options: revisionOptions(t, name, values, { open: false }), hint });
  return [
    field('text', 'name', { hint: true }),
    field('url', 'websiteUrl', { hint: true, literal: true }),
    field('url', 'policyUrl', { short: true, optional: true, literal: true }),
    field('url', 'tosUrl', { short: true, optional: true, literal: true }),
    choice('kind', ['interactive', 'backend', 'login'], true),
    choice('applicationType', ['web', 'native'], true),
    choice('authMethod', AUTH_METHODS, true),
  ];
}

function contractFields({ contracts }: FormFacts, t: Translate): Field[] {
  if (contracts === undefined) return [];
  const none = contracts.length === 0 ? [{ value: '', label: t('developer.option.no-contract') }] : [];
  return [
    {
      ...{ name: 'contractId', kind: 'select', label: t('developer.place.contractId') },
      hint: t('developer.hint.contractId'),
      options: [...none, ...contracts],
    },
  ];
}

function addressFields({ fhirBases }: FormFacts, t: Translate) {
  const field = revisionField(t);
  const bases = fhirBases.map(({ url, serverName }) => ({ value: url, label: `${serverName}: ${url}` }));
  return [
    field('textarea', 'redirectUris', { hint: true, literal: true, rows: 3 }),
    field('boxes', 'audiences', { hint: true, options: bases }),
  ];
}

function moreAddressFields(t: Translate) {
  const field = revisionField(t);
  const rare = { hint: true, optional: true, literal: true };
  return [
    field('textarea', 'launchUris', { ...rare, rows: 2 }),
    field('textarea', 'origins', { ...rare, rows: 2 }),
    field('textarea', 'postLogoutRedirectUris', { ...rare, rows: 2 }),
    field('url', 'backchannelLogoutUri', rare),
    field('url', 'jwksUri', rare),
    field('text', 'softwareId', { short: true, optional: true, literal: true }),
    field('text', 'softwareVersion', { short: true, optional: true, literal: true }),
  ];
}

const USUAL_PURPOSES: readonly string[] = [
  ...['PATRQT', 'FAMRQT', 'TREAT', 'COC', 'HOPERAT', 'HQUALIMP', 'HPAYMT', 'COVERAGE', 'HRESCH', 'PUBHLTH'],
];

function scopeFields(t: Translate) {
  const field = revisionField(t);
  const all = purposesOfUse.filter((code) => !isEmergency(code));
  const named = (codes: readonly string[]) =>
    codes.map((value) => ({ value, label: `${t(`purpose-name.${value}`)} (${value})` }));
  return [
    field('boxes', 'purposes', {
      hint: true,
      options: named(USUAL_PURPOSES),
      more: named(all.filter((code) => !USUAL_PURPOSES.includes(code))),
    }),
    field('number', 'maxConsentDays', { hint: true }),
    field('scopes', 'scopeCeiling', { hint: true, literal: true, rows: 4 }),
  ];
}
