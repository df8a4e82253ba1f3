import type { FieldDiff, Value } from '../registry/revision-diff.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

/** Fields whose values are words of ours: `revision.value.<field>.<value>`. */
const WORDED = [
  ...['profile', 'applicationType', 'grantTypes', 'authMethod'],
  ...['useCase.access', 'useCase.basis', 'useCase.exchangeProfile', 'useCase.hours'],
  'useCase.minimization.identification',
  ...['funding', 'sharing', 'deletion', 'retention', 'ai'].map((question) => `dataUse.${question}.answer`),
];
/** Text of a machine: shown letter by letter. */
const LITERAL = [
  ...['redirectUris', 'launchUris', 'postLogoutRedirectUris', 'origins', 'audiences', 'scopeCeiling'],
  ...['websiteUrl', 'policyUrl', 'tosUrl', 'backchannelLogoutUri', 'jwksUri', 'logoId'],
  ...['softwareId', 'softwareVersion'],
];

export interface RevisionWords {
  label(field: string): string;
  /** Each value as a person reads it; empty: there is none. */
  values(field: string, value: Value): readonly string[];
  isLiteral(field: string): boolean;
}

export const countryName = (code: string, locale: Locale): string =>
  /^[A-Z]{2}$/.test(code) ? (new Intl.DisplayNames([locale], { type: 'region' }).of(code) ?? code) : code;

/** `organizations`: the names of the subprocessors. */
export function revisionWords(
  t: Translate,
  locale: Locale,
  organizations: ReadonlyMap<string, string> = new Map(),
): RevisionWords {
  function worded(field: string, value: string): string {
    if (WORDED.includes(field)) return t(`revision.value.${field}.${value}`);
    switch (field) {
      case 'purposes':
        return `${t(`purpose.${value}`)} (${value})`;
      case 'useCase.categories':
        return t(`scope.${value}.name`);
      case 'useCase.storageCountries':
        return countryName(value, locale);
      case 'subprocessors': {
        const [id = '', service = ''] = value.split(' ');
        return `${organizations.get(id) ?? id}: ${t(`revision.value.service.${service}`)}`;
      }
      default:
        return value;
    }
  }
  return {
    label: (field) => t(`revision.field.${field}`),
    isLiteral: (field) => LITERAL.includes(field),
    values: (field, value) =>
      (value === null ? [] : typeof value === 'object' ? value : [String(value)]).map((one) =>
        worded(field, one),
      ),
  };
}

/** For views/staff-diff.eta: of a list what came and went, of anything else what it was and is. */
export function diffView(diffs: readonly FieldDiff[], words: RevisionWords) {
  return diffs.map(({ field, before, after, added, removed }) => {
    const isList = typeof (before ?? after) === 'object';
    return {
      label: words.label(field),
      literal: words.isLiteral(field),
      removed: words.values(field, isList ? removed : before),
      added: words.values(field, isList ? added : after),
    };
  });
}
