/**
 * The PurposeOfUse hierarchy of HL7 v3 ActReason 4.0.0 (HL7 Terminology 7.3.0): each purpose with those that it
 * includes. The root is abstract and no purpose itself.
 */
const includes = {
  PurposeOfUse: ['HMARKT', 'HOPERAT', 'HPAYMT', 'HRESCH', 'PATRQT', 'PUBHLTH', 'TREAT'],
  HOPERAT: [
    ...['CAREMGT', 'DONAT', 'FRAUD', 'GOV', 'HACCRED', 'HCOMPL', 'HDECD', 'HDIRECT', 'HDM', 'HLEGAL'],
    ...[
      'HOUTCOMS',
      'HPRGRP',
      'HQUALIMP',
      'HSYSADMIN',
      'MEMADMIN',
      'MILCDM',
      'PATADMIN',
      'PATSFTY',
      'PERFMSR',
    ],
    ...['RECORDMGT', 'SYSDEV', 'TRAIN', 'MLTRAINING'],
  ],
  HSYSADMIN: ['LABELING', 'METAMGT'],
  SYSDEV: ['HTEST'],
  HPAYMT: ['CLMATTCH', 'COVAUTH', 'COVERAGE', 'REMITADV', 'PMTDS'],
  COVERAGE: ['ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG'],
  HRESCH: ['BIORCH', 'CLINTRCH', 'DSRCH', 'POARCH', 'TRANSRCH'],
  CLINTRCH: ['CLINTRCHNPC', 'CLINTRCHPC', 'PRECLINTRCH'],
  PATRQT: ['FAMRQT', 'PWATRNY', 'SUPNWK'],
  PUBHLTH: ['DISASTER', 'THREAT'],
  TREAT: ['CLINTRL', 'COC', 'ETREAT', 'POPHLTH', 'TREATDS'],
  ETREAT: ['BTG', 'ERTREAT'],
} as const satisfies Record<string, readonly string[]>;

/** A code that a token can be bound to. */
export type Purpose = (typeof includes)[keyof typeof includes][number];

const broader: ReadonlyMap<string, string> = new Map(
  Object.entries(includes).flatMap(([whole, parts]) => parts.map((part) => [part, whole] as const)),
);

/** Every purpose, each after the one that includes it. */
export const purposesOfUse: readonly Purpose[] = partsOf('PurposeOfUse');

function partsOf(whole: string): Purpose[] {
  const parts = whole in includes ? includes[whole as keyof typeof includes] : [];
  return parts.flatMap((part) => [part, ...partsOf(part)]);
}

/** Codes are compared as written (ActReason is case sensitive). */
export function isPurpose(code: string): code is Purpose {
  return broader.has(code);
}

/** A purpose with all that it includes. */
export const withParts = (purpose: Purpose): readonly Purpose[] => [purpose, ...partsOf(purpose)];

/** Emergency treatment, with or without breaking the glass: never by registration, only by break-glass. */
export function isEmergency(code: string): boolean {
  return isWithin(code, 'ETREAT');
}

/** Whether a registration for one purpose is good for another: itself and what it includes, no emergency. */
export function coversPurpose(registered: string, asserted: string): boolean {
  return isPurpose(registered) && isWithin(asserted, registered) && !isEmergency(asserted);
}

/** Whether a purpose is another one, or a part of it; what an emergency is, too: for who has broken the glass. */
export function includesPurpose(whole: string, code: string): boolean {
  return isPurpose(whole) && isWithin(code, whole);
}

function isWithin(code: string, whole: string): boolean {
  for (let at: string | undefined = code; at !== undefined; at = broader.get(at)) {
    if (at === whole) return true;
  }
  return false;
}
