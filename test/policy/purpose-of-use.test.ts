import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { choosePurpose } from '../../src/policy/authorization.ts';
import {
  coversPurpose,
  isEmergency,
  isPurpose,
  purposesOfUse,
  withParts,
} from '../../src/policy/purpose-of-use.ts';

// Each concept of ActReason 4.0.0 that is-a PurposeOfUse, with the way down to it (HL7/UTG, v3-ActReason.xml).
const published = `
  HMARKT HOPERAT HOPERAT/CAREMGT HOPERAT/DONAT HOPERAT/FRAUD HOPERAT/GOV HOPERAT/HACCRED HOPERAT/HCOMPL
  HOPERAT/HDECD HOPERAT/HDIRECT HOPERAT/HDM HOPERAT/HLEGAL HOPERAT/HOUTCOMS HOPERAT/HPRGRP HOPERAT/HQUALIMP
  HOPERAT/HSYSADMIN HOPERAT/HSYSADMIN/LABELING HOPERAT/HSYSADMIN/METAMGT HOPERAT/MEMADMIN HOPERAT/MILCDM
  HOPERAT/MLTRAINING HOPERAT/PATADMIN HOPERAT/PATSFTY HOPERAT/PERFMSR HOPERAT/RECORDMGT HOPERAT/SYSDEV
  HOPERAT/SYSDEV/HTEST HOPERAT/TRAIN HPAYMT HPAYMT/CLMATTCH HPAYMT/COVAUTH HPAYMT/COVERAGE
  HPAYMT/COVERAGE/ELIGDTRM HPAYMT/COVERAGE/ELIGVER HPAYMT/COVERAGE/ENROLLM HPAYMT/COVERAGE/MILDCRG HPAYMT/PMTDS
  HPAYMT/REMITADV HRESCH HRESCH/BIORCH HRESCH/CLINTRCH HRESCH/CLINTRCH/CLINTRCHNPC HRESCH/CLINTRCH/CLINTRCHPC
  HRESCH/CLINTRCH/PRECLINTRCH HRESCH/DSRCH HRESCH/POARCH HRESCH/TRANSRCH PATRQT PATRQT/FAMRQT PATRQT/PWATRNY
  PATRQT/SUPNWK PUBHLTH PUBHLTH/DISASTER PUBHLTH/THREAT TREAT TREAT/CLINTRL TREAT/COC TREAT/ETREAT
  TREAT/ETREAT/BTG TREAT/ETREAT/ERTREAT TREAT/POPHLTH TREAT/TREATDS`
  .trim()
  .split(/\s+/)
  .map((path) => path.split('/'));

const chains = new Map(published.map((path) => [path.at(-1) ?? '', path]));
const codes = [...chains.keys()];
const EMERGENCY = ['ETREAT', 'BTG', 'ERTREAT'];

describe('the hierarchy (HL7 v3 ActReason, PurposeOfUse)', () => {
  test('holds every published purpose once, and nothing else', () => {
    expect(codes).toHaveLength(62);
    expect([...purposesOfUse].sort()).toEqual([...codes].sort());
  });

  test('knows for each purpose all that it includes, emergencies too', () => {
    for (const code of codes) {
      const parts = codes.filter((part) => chains.get(part)?.includes(code));
      expect([...withParts(code as never)].sort()).toEqual(parts.sort());
    }
  });

  test('names a broader purpose before those that it includes', () => {
    for (const [code, path] of chains) {
      for (const broader of path.slice(0, -1)) {
        expect(purposesOfUse.indexOf(broader as never)).toBeLessThan(purposesOfUse.indexOf(code as never));
      }
    }
  });

  test.each([
    ['the abstract root', 'PurposeOfUse'],
    ['its own parent', '_ActHealthInformationManagementReason'],
    ['another reason of ActReason', 'PAYMT'],
    ['other letters', 'treat'],
    ['a code with a system', 'http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT'],
    ['two codes', 'TREAT HPAYMT'],
    ['nothing', ''],
    ['a space too many', 'TREAT '],
    ['a property of every object', 'constructor'],
    ['the prototype', '__proto__'],
  ])('%s is no purpose', (_what, code) => {
    expect(isPurpose(code)).toBe(false);
    expect(isEmergency(code)).toBe(false);
    expect(coversPurpose(code, code)).toBe(false);
    expect(codes.some((one) => coversPurpose(one, code) || coversPurpose(code, one))).toBe(false);
  });

  test('any other text is no purpose either', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isPurpose(text)).toBe(chains.has(text));
      }),
    );
  });

  test('emergencies are emergency treatment and what is below it', () => {
    expect(codes.filter(isEmergency).sort()).toEqual([...EMERGENCY].sort());
  });

  test('a registration covers itself and what is below, never what is beside, above or an emergency', () => {
    for (const [asserted, path] of chains) {
      const covering = codes.filter((registered) => coversPurpose(registered, asserted));
      expect([asserted, ...covering.sort()]).toEqual([
        asserted,
        ...(EMERGENCY.includes(asserted) ? [] : [...path].sort()),
      ]);
    }
  });
});

describe('the purpose of a request', () => {
  test.each([
    ['the only one registered, when none is asserted', undefined, ['PATRQT'], { value: 'PATRQT' }],
    ['none of several', undefined, ['TREAT', 'HPAYMT'], { reason: 'purpose_ambiguous' }],
    [
      'none of two, though one includes the other',
      undefined,
      ['TREAT', 'COC'],
      { reason: 'purpose_ambiguous' },
    ],
    ['none, and none registered', undefined, [], { reason: 'purpose_ambiguous' }],
    ['one of several', 'TREAT', ['TREAT', 'HPAYMT'], { value: 'TREAT' }],
    ['a narrower one: itself, not the registered one', 'COC', ['TREAT'], { value: 'COC' }],
    ['a narrower one, two steps below', 'ELIGVER', ['PATRQT', 'HPAYMT'], { value: 'ELIGVER' }],
    ['a broader one', 'TREAT', ['COC'], { reason: 'purpose_not_registered' }],
    ['one beside it', 'CLINTRL', ['COC'], { reason: 'purpose_not_registered' }],
    ['one of another branch', 'HRESCH', ['TREAT', 'PATRQT'], { reason: 'purpose_not_registered' }],
    ['any, and none registered', 'TREAT', [], { reason: 'purpose_not_registered' }],
    ['other letters', 'treat', ['TREAT'], { reason: 'purpose_unknown' }],
    ['no code', '', ['TREAT'], { reason: 'purpose_unknown' }],
    ['the abstract root', 'PurposeOfUse', ['TREAT'], { reason: 'purpose_unknown' }],
    ['a text that a record holds', 'anything', ['anything'], { reason: 'purpose_unknown' }],
    ['left out, for a text that a record holds', undefined, ['anything'], { reason: 'purpose_unknown' }],
    ['left out, for an emergency that a record holds', undefined, ['BTG'], { reason: 'purpose_emergency' }],
  ])('%s', (_what, asked, registered, outcome) => {
    expect(choosePurpose(asked, registered)).toEqual(outcome);
  });

  test.each(EMERGENCY)('%s is refused whatever is registered, itself included', (code) => {
    for (const registered of [['TREAT'], ['ETREAT'], [code], codes]) {
      expect(choosePurpose(code, registered)).toEqual({ reason: 'purpose_emergency' });
    }
  });

  test('what is asserted is bound as it is, or refused: never another purpose, never one nobody covers', () => {
    const registration = fc.subarray(codes);
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...codes), fc.string()), registration, (asked, registered) => {
        const outcome = choosePurpose(asked, registered);
        const permitted =
          !EMERGENCY.includes(asked) && (chains.get(asked) ?? []).some((code) => registered.includes(code));
        expect('value' in outcome ? outcome.value : undefined).toBe(permitted ? asked : undefined);
      }),
    );
  });
});

describe.each(['en', 'es'])('the words of %s', (locale) => {
  const words: Record<string, string> = JSON.parse(
    readFileSync(`views/messages/${locale}/purposes.json`, 'utf8'),
  );
  test.each(['purpose', 'purpose-name'])('%s says every purpose, each in words of its own', (prefix) => {
    const keys = Object.keys(words).filter((key) => key.startsWith(`${prefix}.`));
    expect(keys).toEqual(purposesOfUse.map((code) => `${prefix}.${code}`));
    const texts = keys.map((key) => words[key] ?? '');
    expect(new Set(texts).size).toBe(codes.length);
    for (const text of texts) expect(text).not.toMatch(/\b[A-Z]{3,}\b|[.{}]|^\s*$/);
  });
});
