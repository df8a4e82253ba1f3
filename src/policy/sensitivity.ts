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

/** The same code systems as they are spelled elsewhere (FHIR STU3, CDA), too. */
const SPELLINGS = {
  [CONFIDENTIALITY]: [
    CONFIDENTIALITY,
    'http://hl7.org/fhir/v3/Confidentiality',
    'urn:oid:2.16.840.1.113883.5.25',
  ],
  [ACT_CODE]: [ACT_CODE, 'http://hl7.org/fhir/v3/ActCode', 'urn:oid:2.16.840.1.113883.5.4'],
} as const;

/** In every spelling, and without a system. */
const spelled = (system: keyof typeof SPELLINGS, code: string, sensitivity: Sensitivity) =>
  [...SPELLINGS[system], ''].map((one) => [`${one}|${code}`, sensitivity] as const);

/** Every label that sets something apart: what is judged here and what is told to be left out have this one source. */
const OF_LABEL: ReadonlyMap<string, Sensitivity> = new Map([
  ...Object.entries(SENSITIVE_CODES).flatMap(([sensitivity, codes]) =>
    codes.flatMap((code) => spelled(ACT_CODE, code, sensitivity as Sensitivity)),
  ),
  ...spelled(CONFIDENTIALITY, 'R', 'restricted'),
  ...spelled(CONFIDENTIALITY, 'V', 'very_restricted'),
]);

const OPEN_CONFIDENTIALITY: readonly string[] = ['U', 'L', 'M', 'N'];

const isConfidentiality = (label: string): boolean =>
  SPELLINGS[CONFIDENTIALITY].some((system) => label.startsWith(`${system}|`));

/** What a label sets apart, if anything: a confidentiality that nobody knows counts as the highest. */
function sensitivityOf(label: string): Sensitivity | undefined {
  const known = OF_LABEL.get(label.includes('|') ? label : `|${label}`);
  if (known !== undefined || !isConfidentiality(label)) return known;
  return OPEN_CONFIDENTIALITY.includes(label.slice(label.indexOf('|') + 1)) ? undefined : 'very_restricted';
}

/** What is set apart in a resource with these labels; one that tells neither confidentiality nor sensitivity has none. */
export function sensitivitiesOf(
  labels: readonly string[],
  unlabelled: 'normal' | 'restricted',
): Sensitivity[] {
  const found = labels.flatMap((label) => sensitivityOf(label) ?? []);
  if (unlabelled === 'normal' || found.length > 0 || labels.some(isConfidentiality)) return found;
  return ['restricted'];
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

/** How a resource server knows what may not be disclosed. */
export interface Withheld {
  /** In every spelling. */
  readonly labels: readonly string[];
  /** A label of one of these systems with any other code than the open ones is withheld, too. */
  readonly confidentiality: { readonly systems: readonly string[]; readonly open: readonly string[] };
}

function withheldWhere(isWithheld: (sensitivity: Sensitivity) => boolean): Withheld {
  const open = isWithheld('restricted') ? OPEN_CONFIDENTIALITY : [...OPEN_CONFIDENTIALITY, 'R'];
  return {
    labels: [...OF_LABEL].filter(([, sensitivity]) => isWithheld(sensitivity)).map(([label]) => label),
    confidentiality: { systems: SPELLINGS[CONFIDENTIALITY], open },
  };
}

export const ALL_WITHHELD = withheldWhere(() => true);
export const CHOICE_WITHHELD = withheldWhere((sensitivity) => BY_CHOICE_ALONE.includes(sensitivity));

/** Undefined: all of it may be disclosed. */
export function withheldFrom(disclosure: Disclosure): Withheld | undefined {
  if (!mayDisclose('restricted', disclosure)) return ALL_WITHHELD;
  return mayDisclose('very_restricted', disclosure) ? undefined : CHOICE_WITHHELD;
}
