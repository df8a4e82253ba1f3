// What a developer does in the portal, as a browser without a screen sends it.
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import type { World } from '../setup/world.ts';

export type Fields = Readonly<Record<string, string | readonly string[]>>;

export const sandboxBase = ({ fhirBase }: World): string => fhirBase.replace(/\/fhir$/, '/sandbox/fhir');

/** The form of a SMART app without a secret, for the sandbox. */
export const harbor = (world: World): Fields => ({
  environment: 'sandbox',
  name: 'Harbor',
  purposeStatement: 'We show you your lab results in plain words.',
  websiteUrl: 'https://harbor.example',
  kind: 'interactive',
  refresh: 'on',
  applicationType: 'web',
  authMethod: 'none',
  redirectUris: 'http://localhost:9999/app',
  audiences: sandboxBase(world),
  purposes: 'PATRQT',
  maxConsentDays: '90',
  scopeCeiling: 'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs',
});

/** The answers that a review asks for; with `harbor` a whole submission. */
export const answers: Fields = {
  'useCase.categories': ['Patient', 'Observation'],
  'useCase.access': 'view',
  'useCase.basis': 'patient_request',
  'useCase.exchangeProfile': 'interactive',
  'useCase.volume.requestsPerHour': '600',
  'useCase.volume.patientsPerDay': '200',
  'useCase.hours': 'from-to',
  'useCase.hours.from': '06:00',
  'useCase.hours.to': '22:00',
  'useCase.hours.timeZone': 'America/New_York',
  'useCase.revocation': 'The patient stops sharing; we delete what we hold.',
  'useCase.storageCountries': 'us',
  'dataUse.funding.answer': 'people',
  'dataUse.sharing.answer': 'nobody',
  'dataUse.deletion.answer': 'everything',
  'dataUse.retention.answer': 'while_connected',
  'dataUse.ai.answer': 'none',
};

export const production = (world: World): Fields => ({
  ...harbor(world),
  ...answers,
  environment: 'production',
  redirectUris: 'https://harbor.example/app',
  audiences: world.fhirBase,
});

const entriesOf = (fields: Fields): [string, string][] =>
  Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );

/** Opens the page, and sends one of its forms. */
export async function send(
  browser: TestBrowser,
  page: string,
  action: string,
  fields: Fields = {},
): Promise<Response> {
  const { html } = await browser.open(page);
  return browser.form(action, [['csrf', csrfIn(html)], ...entriesOf(fields)]);
}

/** Registers an app; answers with its id. */
export async function register(browser: TestBrowser, fields: Fields): Promise<string> {
  const page = '/developer/apps/new';
  const answer = await send(browser, page, page, { ...fields, action: 'save' });
  const id = /^\/developer\/apps\/([^?/]+)\?done=app-created$/.exec(
    answer.headers.get('location') ?? '',
  )?.[1];
  if (id === undefined) throw new Error(`${answer.status}: ${textOf(await answer.text())}`);
  return id;
}

/** What a reader sees of a page, in one line. */
export const textOf = (html: string): string =>
  html
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
