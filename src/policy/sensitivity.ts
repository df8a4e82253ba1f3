// What security labels (DS4P, HL7 Healthcare Privacy and Security Classification) keep back, and from whom.
import type { ResourceScope } from '../smart/scope.ts';

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** InformationSensitivityPolicy of v3-ActCode, by what law or people set apart. */
export const SENSITIVE_CODES = {
  substance_use: ['ETH', 'SUD', 'ETHUD', 'OPIOIDUD'],
  psychotherapy: ['PSYTHPN'],
  // These hold the two above, too.
  behavioral_health: ['BH'],
  specially_protected: ['SPI'],
  mental_health: ['MH', 'PSY', 'COGN', 'DVD', 'EMOTDIS'],
  hiv: ['HIV'],
  sexual_health: ['SEX', 'STD', 'PREGNANT'],
  violence: ['SDV', 'VIO', 'MST'],
  genetic: ['GDIS', 'SCA', 'SICKLE'],
  protected_person: ['ADOL', 'CEL', 'VIP', 'EMP'],
  other: ['TBOO', 'IDS', 'DIA', 'DRGIS', 'PDS', 'PHY', 'PRS'],
} as const;

/** `restricted` and `very_restricted`: by the confidentiality code alone. */
export type Sensitivity = keyof typeof SENSITIVE_CODES | 'restricted' | 'very_restricted';

const OF_CODE: ReadonlyMap<string, Sensitivity> = new Map([
  ...Object.entries(SENSITIVE_CODES).flatMap(([sensitivity, codes]) =>
    codes.map((code) => [`${ACT_CODE}|${code}`, sensitivity as Sensitivity] as const),
  ),
  [`${CONFIDENTIALITY}|R`, 'restricted'],
  [`${CONFIDENTIALITY}|V`, 'very_restricted'],
]);

/** Every label that sets something apart. */
export const ALL_LABELS: readonly string[] = [...OF_CODE.keys()];

const OPEN_CONFIDENTIALITY = ['U', 'L', 'M', 'N'];

/** The same code systems as they are spelled elsewhere (FHIR STU3, CDA). */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['http://hl7.org/fhir/v3/Confidentiality', CONFIDENTIALITY],
  ['urn:oid:2.16.840.1.113883.5.25', CONFIDENTIALITY],
  ['http://hl7.org/fhir/v3/ActCode', ACT_CODE],
  ['urn:oid:2.16.840.1.113883.5.4', ACT_CODE],
]);

/** What a label sets apart, if anything: a confidentiality that nobody knows counts as the highest. */
function sensitivityOf(label: string): Sensitivity | undefined {
  const bar = label.lastIndexOf('|');
  const [given, code] = [label.slice(0, Math.max(bar, 0)), label.slice(bar + 1)];
  if (given === '') return OF_CODE.get(`${CONFIDENTIALITY}|${code}`) ?? OF_CODE.get(`${ACT_CODE}|${code}`);
  const system = SPELLINGS.get(given) ?? given;
  const known = OF_CODE.get(`${system}|${code}`);
  if (known !== undefined || system !== CONFIDENTIALITY) return known;
  return OPEN_CONFIDENTIALITY.includes(code) ? undefined : 'very_restricted';
}

/** What is set apart in a resource with these labels. */
export function sensitivitiesOf(
  labels: readonly string[],
  unlabelled: 'normal' | 'restricted',
): Sensitivity[] {
  if (labels.length === 0) return unlabelled === 'restricted' ? ['restricted'] : [];
  return labels.flatMap((label) => sensitivityOf(label) ?? []);
}

export interface Disclosure {
  readonly scopes: readonly ResourceScope[];
  /** Whether the patient decided, or who may for her, and not a clinician or the registration of a backend service. */
  readonly decided: boolean;
  readonly purpose: string;
  /** For which purposes the operator's law lets it be disclosed without a choice of the patient. */
  readonly sensitivePurposes: readonly string[];
}

/** 42 CFR 2.31, 45 CFR 164.508(a)(2): never without the patient's own choice, whatever the purpose. */
export const BY_CHOICE_ALONE: readonly Sensitivity[] = [
  ...(['substance_use', 'psychotherapy', 'behavioral_health', 'specially_protected'] as const),
  'very_restricted',
];

/** Whether what is set apart may be disclosed: the patient chose her whole record, or the purpose is enough for it. */
export function mayDisclose(sensitivity: Sensitivity, disclosure: Disclosure): boolean {
  const { scopes, decided, purpose, sensitivePurposes } = disclosure;
  // Who chose that an app may write chose nothing to be disclosed.
  const isChosen = ({ level, resourceType, interactions, constraints }: ResourceScope) =>
    level === 'patient' && resourceType === '*' && /[rs]/.test(interactions) && constraints.length === 0;
  if (decided && scopes.some(isChosen)) return true;
  return sensitivePurposes.includes(purpose) && !BY_CHOICE_ALONE.includes(sensitivity);
}

const CHOICE_LABELS: readonly string[] = [...OF_CODE]
  .filter(([, sensitivity]) => BY_CHOICE_ALONE.includes(sensitivity))
  .map(([label]) => label);

/** The labels of all that may not be disclosed. */
export function withheldLabels(disclosure: Disclosure): readonly string[] {
  if (!mayDisclose('restricted', disclosure)) return ALL_LABELS;
  return mayDisclose('very_restricted', disclosure) ? [] : CHOICE_LABELS;
}
