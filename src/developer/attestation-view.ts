import { ATTESTED_ITEMS, type Snapshot } from '../policy/attestation.ts';
import type { ContractLimits } from '../policy/contract-limits.ts';
import { limitFacts } from '../staff/contract-words.ts';
import type { RevisionWords } from '../staff/revision-words.ts';
import { longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

const USE_CASE = [
  'categories',
  'access',
  'basis',
  'basisReference',
  'exchangeProfile',
  'endsAt',
  'revocation',
];

/** Of a contract what binds; who agreed to it and when stays on record. */
const TERMS = ['reference', 'startsAt', 'endsAt', 'documentHash', 'subprocessors', 'limits'];

interface Fact {
  readonly label: string;
  readonly values: readonly string[];
  readonly literal: boolean;
}

function termValues(name: string, value: unknown, t: Translate, locale: Locale): readonly string[] {
  if (name === 'limits')
    return limitFacts(value as ContractLimits, t).map((limit) => `${limit.label}: ${limit.value}`);
  if (Array.isArray(value)) return value.map(String);
  return [name.endsWith('At') ? longInstant(new Date(String(value)), locale) : String(value)];
}

/** What is to be confirmed, item by item, as it was frozen. */
export function itemsOf(
  { revision, contract }: Snapshot,
  t: Translate,
  locale: Locale,
  words: RevisionWords,
) {
  const fact = (field: string, value: unknown): Fact => ({
    label: words.label(field),
    values: words.values(field, value as never),
    literal: words.isLiteral(field),
  });
  const terms = TERMS.flatMap((name): Fact[] => {
    const value = contract?.[name] ?? null;
    if (value === null || (Array.isArray(value) && value.length === 0)) return [];
    const label = t(`attestation.term.${name}`);
    return [{ label, values: termValues(name, value, t, locale), literal: name === 'documentHash' }];
  });
  const facts: Readonly<Record<(typeof ATTESTED_ITEMS)[number], readonly Fact[]>> = {
    use_case: [
      fact('purposeStatement', revision.purposeStatement),
      ...USE_CASE.map((name) => fact(`useCase.${name}`, revision.useCase[name] ?? null)),
    ],
    purposes: [fact('purposes', revision.purposes)],
    scopes: [fact('scopeCeiling', revision.scopeCeiling.split(' '))],
    contract: terms,
    subprocessors: [
      fact(
        'subprocessors',
        revision.subprocessors.map(({ organizationId, service }) => `${organizationId} ${service}`),
      ),
    ],
  };
  return ATTESTED_ITEMS.map((item) => ({
    title: t(`attestation.item.${item}`),
    facts: facts[item].filter(({ values }) => values.length > 0),
  }));
}

/** What was really used, in figures. */
export function useOf({ use }: Snapshot, t: Translate, locale: Locale): { label: string; value: string }[] {
  const { days, lastUsedAt, livePatients, liveConsents, accesses, countedTo, peers } = use;
  const { medianScopes, medianAccessesPerPatient: median } = peers;
  const told = (value: number | null) => (value === null ? '-' : value.toLocaleString(locale));
  const compared = [
    t('attestation.use.scopes', { own: peers.scopes, median: told(medianScopes) }),
    ...(median === null
      ? []
      : [t('attestation.use.per-patient', { own: told(peers.accessesPerPatient), median: told(median) })]),
  ];
  return [
    {
      label: t('attestation.use.last'),
      value: lastUsedAt === null ? t('attestation.use.never') : longInstant(new Date(lastUsedAt), locale),
    },
    { label: t('attestation.use.patients'), value: told(livePatients) },
    { label: t('attestation.use.consents'), value: told(liveConsents) },
    {
      label: t('attestation.use.accesses', { days }),
      value: accesses < countedTo ? told(accesses) : t('attestation.use.more', { count: countedTo }),
    },
    {
      label: t('attestation.use.peers', { count: peers.peers }),
      value: medianScopes === null ? t('attestation.use.too-few') : compared.join('. '),
    },
  ];
}

export function scopeChoices({ use }: Snapshot, t: Translate, givenUp: readonly string[]) {
  return use.scopes.map(({ scope, state }) => ({
    value: scope,
    label: `${scope}: ${t(`attestation.scope.${state}`, { days: use.days })}`,
    checked: givenUp.includes(scope),
  }));
}
