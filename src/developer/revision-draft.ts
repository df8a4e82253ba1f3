// A revision as a form holds it, between what a person types and what the registry reads.
import { DATA_USE_QUESTIONS } from '../policy/data-use.ts';
import type { KeptRevision } from '../store/app-revisions.ts';

/** Names are the fields of the revision; `useCase.volume.requestsPerHour` is one of its parts. */
export type Draft = URLSearchParams;

const LINES = ['redirectUris', 'launchUris', 'postLogoutRedirectUris', 'origins'] as const;
const REQUIRED = ['name', 'purposeStatement', 'websiteUrl', 'authMethod'] as const;
const OPTIONAL = [
  ...(['policyUrl', 'tosUrl', 'backchannelLogoutUri', 'jwksUri', 'logoId'] as const),
  ...(['softwareId', 'softwareVersion'] as const),
] as const;
const USE_CASE_TEXTS = [
  'access',
  'basis',
  'basisReference',
  'exchangeProfile',
  'endsAt',
  'revocation',
] as const;

export type AppKind = 'interactive' | 'backend' | 'login';

export const kindIn = (draft: Draft): AppKind => {
  const kind = draft.get('kind');
  return kind === 'backend' || kind === 'login' ? kind : 'interactive';
};

const linesOf = (text: string | null) =>
  (text ?? '')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
const textOf = (draft: Draft, name: string) => draft.get(name)?.trim() || null;
const numberOf = (draft: Draft, name: string) => {
  const text = textOf(draft, name);
  return text === null ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : text;
};

/** Scopes may be typed one a line. */
export const scopesIn = (draft: Draft): string =>
  (draft.get('scopeCeiling') ?? '').split(/\s+/).join(' ').trim();

const GRANT_TYPES = {
  interactive: ['authorization_code'],
  backend: ['client_credentials'],
  login: ['authorization_code'],
} as const;

/** What the registry is handed: it reads it strictly, so nothing is mended here. */
export function revisionInput(draft: Draft): Record<string, unknown> {
  const kind = kindIn(draft);
  const refresh = kind === 'interactive' && draft.has('refresh') ? ['refresh_token'] : [];
  return {
    ...Object.fromEntries(REQUIRED.map((name) => [name, textOf(draft, name) ?? ''])),
    ...Object.fromEntries(OPTIONAL.map((name) => [name, textOf(draft, name)])),
    ...Object.fromEntries(LINES.map((name) => [name, linesOf(draft.get(name))])),
    profile: kind === 'login' ? 'oidc' : 'smart',
    applicationType: textOf(draft, 'applicationType') ?? 'web',
    grantTypes: [...GRANT_TYPES[kind], ...refresh],
    audiences: draft.getAll('audiences'),
    purposes: draft.getAll('purposes'),
    scopeCeiling: scopesIn(draft),
    maxConsentDays: numberOf(draft, 'maxConsentDays') ?? 0,
    subprocessors: subprocessorsIn(draft),
    useCase: useCaseInput(draft),
    dataUse: Object.fromEntries(DATA_USE_QUESTIONS.map((question) => [question, answerIn(draft, question)])),
  };
}

export function subprocessorsIn(draft: Draft) {
  const services = draft.getAll('subprocessors.service');
  return draft.getAll('subprocessors.organizationId').flatMap((id, index) => {
    const organizationId = id.trim();
    return organizationId === '' ? [] : [{ organizationId, service: services[index] ?? '' }];
  });
}

function answerIn(draft: Draft, question: string) {
  const answer = textOf(draft, `dataUse.${question}.answer`);
  const explanation = textOf(draft, `dataUse.${question}.explanation`);
  return answer === null && explanation === null ? null : { answer: answer ?? '', explanation };
}

function useCaseInput(draft: Draft) {
  const text = (name: string) => textOf(draft, `useCase.${name}`);
  const number = (name: string) => numberOf(draft, `useCase.${name}`);
  /** A group of answers is there as soon as one of them is. */
  const group = (parts: Record<string, unknown>) =>
    Object.values(parts).every((part) => part === null || part === undefined) ? null : parts;
  const hours = text('hours');
  return {
    ...Object.fromEntries(USE_CASE_TEXTS.map((name) => [name, text(name)])),
    categories: draft.getAll('useCase.categories'),
    storageCountries: countriesIn(draft.get('useCase.storageCountries')),
    volume: group({
      requestsPerHour: number('volume.requestsPerHour'),
      patientsPerDay: number('volume.patientsPerDay'),
    }),
    hours:
      hours === 'from-to'
        ? {
            from: text('hours.from') ?? '',
            to: text('hours.to') ?? '',
            timeZone: text('hours.timeZone') ?? '',
          }
        : hours,
    legalReview: group({
      by: text('legalReview.by'),
      reference: text('legalReview.reference'),
      reviewedAt: text('legalReview.reviewedAt'),
    }),
    minimization: group({
      necessity: text('minimization.necessity'),
      identification: text('minimization.identification'),
    }),
  };
}

const countriesIn = (text: string | null) =>
  (text ?? '')
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((code) => code !== '');

/** What a new app begins with. */
export function blankDraft(): Draft {
  return new URLSearchParams([
    ['kind', 'interactive'],
    ['applicationType', 'web'],
    ['authMethod', 'none'],
    ['refresh', 'on'],
    ['purposes', 'PATRQT'],
    ['maxConsentDays', '90'],
    ['scopeCeiling', 'launch/patient openid fhirUser offline_access patient/Patient.rs'],
  ]);
}

/** The form of a revision that is kept. */
export function draftOf(revision: KeptRevision): Draft {
  const draft = new URLSearchParams();
  const put = (name: string, value: unknown) => {
    if (value !== null && value !== undefined) draft.append(name, String(value));
  };
  for (const name of [...REQUIRED, ...OPTIONAL] as const) put(name, revision[name]);
  for (const name of LINES) put(name, revision[name].join('\n'));
  put('kind', revision.profile === 'oidc' ? 'login' : kindOfGrants(revision.grantTypes));
  if (revision.grantTypes.includes('refresh_token')) put('refresh', 'on');
  put('applicationType', revision.applicationType);
  for (const audience of revision.audiences) put('audiences', audience);
  for (const purpose of revision.purposes) put('purposes', purpose);
  put('scopeCeiling', revision.scopeCeiling);
  put('maxConsentDays', revision.maxConsentDays);
  for (const { organizationId, service } of revision.subprocessors) {
    put('subprocessors.organizationId', organizationId);
    put('subprocessors.service', service);
  }
  putUseCase(revision.useCase, put);
  for (const question of DATA_USE_QUESTIONS) {
    put(`dataUse.${question}.answer`, revision.dataUse[question]?.answer);
    put(`dataUse.${question}.explanation`, revision.dataUse[question]?.explanation);
  }
  return draft;
}

const kindOfGrants = (grantTypes: readonly string[]): AppKind =>
  grantTypes.includes('client_credentials') ? 'backend' : 'interactive';

function putUseCase(useCase: KeptRevision['useCase'], put: (name: string, value: unknown) => void): void {
  const { categories = [], storageCountries = [], volume, hours, legalReview, minimization } = useCase;
  for (const name of USE_CASE_TEXTS) put(`useCase.${name}`, useCase[name]);
  for (const category of categories) put('useCase.categories', category);
  put('useCase.storageCountries', storageCountries.join(' '));
  for (const [group, parts] of Object.entries({ volume, legalReview, minimization }))
    for (const [name, value] of Object.entries(parts ?? {})) put(`useCase.${group}.${name}`, value);
  if (hours === 'always') put('useCase.hours', 'always');
  else if (hours) {
    put('useCase.hours', 'from-to');
    for (const [name, value] of Object.entries(hours)) put(`useCase.hours.${name}`, value);
  }
}
