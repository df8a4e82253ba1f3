import { expect, test } from '@jest/globals';
import type { ContractHours } from '../../src/policy/contract-hours.ts';
import type { ContractLimits } from '../../src/policy/contract-limits.ts';
import { beyondContract } from '../../src/policy/contract-use.ts';
import type { Hours } from '../../src/policy/use-case.ts';
import { limits } from './facts.ts';

const ZONE = 'America/New_York';
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const office: ContractHours = {
  ...{ timeZone: ZONE, windows: [{ days: days.slice(0, 5), from: '08:00', to: '18:00' }] },
};
const everyDay: ContractHours = { timeZone: ZONE, windows: [{ days, from: '08:00', to: '18:00' }] };
const anyHour: ContractHours = { timeZone: ZONE, windows: [{ days, from: '00:00', to: '00:00' }] };
const from = (begin: string, end: string, timeZone = ZONE): Hours => ({ from: begin, to: end, timeZone });

const beyond = (given: Partial<ContractLimits>, useCase: object) =>
  beyondContract(
    { scopeCeiling: 'patient/Patient.rs', useCase: { volume: null, hours: null, ...useCase } },
    limits(given),
  ).map(({ field, code, value }) => `${field} ${code} ${value}`);

test.each<[string, Partial<ContractLimits>, Hours, boolean]>([
  ['at any hour, where hours are agreed', { hours: office }, 'always', true],
  ['at any hour, where all of them are', { hours: anyHour }, 'always', false],
  ['at any hour, where nothing is said of hours', {}, 'always', false],
  ['every day, where only weekdays are agreed', { hours: office }, from('09:00', '17:00'), true],
  ['within the hours of every day', { hours: everyDay }, from('09:00', '18:00'), false],
  ['a minute longer', { hours: everyDay }, from('09:00', '18:01'), true],
  ['over midnight', { hours: everyDay }, from('17:00', '09:00'), true],
  ['by other clocks', { hours: everyDay }, from('09:00', '17:00', 'America/Denver'), true],
  ['by the same clocks under another name', { hours: everyDay }, from('09:00', '17:00', 'US/Eastern'), false],
  ['by other clocks, where all hours are agreed', { hours: anyHour }, from('09:00', '17:00', 'UTC'), false],
])('hours: %s', (_, given, hours, isBeyond) => {
  const told = (given.hours?.windows ?? []).map((window) => window.days.join(' '));
  const fault = `useCase.hours contract_hours_exceeded ${told[0]} 08:00-18:00 (${ZONE})`;
  expect(beyond(given, { hours })).toEqual(isBeyond ? [fault] : []);
});

test.each<[string, number, number, Hours, readonly string[]]>([
  ['what is agreed, at any hour', 100, 240, 'always', []],
  ['more requests than resources', 101, 240, 'always', ['useCase.volume.requestsPerHour']],
  ['more patients than in the hours of a day', 100, 241, 'always', ['useCase.volume.patientsPerDay']],
  ['the same in ten hours', 100, 100, from('08:00', '18:00'), []],
  ['more than in ten hours', 100, 101, from('08:00', '18:00'), ['useCase.volume.patientsPerDay']],
  ['in nine hours and a half, which are ten of the clock', 100, 100, from('08:30', '18:00'), []],
  ['eight hours that are nine of UTC', 100, 90, from('09:00', '17:00', 'Asia/Kolkata'), []],
  ['more than those', 100, 91, from('09:00', '17:00', 'Asia/Kolkata'), ['useCase.volume.patientsPerDay']],
  ['eight of UTC', 100, 81, from('08:30', '16:30', 'Asia/Kolkata'), ['useCase.volume.patientsPerDay']],
  ['by clocks that go half an hour forward', 100, 90, from('09:00', '17:00', 'Australia/Lord_Howe'), []],
  ['by quarters', 100, 90, from('09:00', '17:00', 'Asia/Kathmandu'), []],
  ['over midnight', 100, 21, from('23:00', '01:00'), ['useCase.volume.patientsPerDay']],
])('volume: %s', (_, requestsPerHour, patientsPerDay, hours, fields) => {
  const found = beyond(
    { patientsPerHour: 10, resourcesPerHour: 100 },
    {
      ...{ volume: { requestsPerHour, patientsPerDay }, hours },
    },
  );
  expect(found.map((fault) => fault.split(' ')[0])).toEqual(fields);
});

test('what it covers is told in patients a day', () => {
  const useCase = { volume: { requestsPerHour: 1, patientsPerDay: 101 }, hours: from('08:00', '18:00') };
  expect(beyond({ patientsPerHour: 10 }, useCase)).toEqual([
    'useCase.volume.patientsPerDay contract_patients_exceeded 100',
  ]);
});

test('an app that says nothing of volume and hours asks for none; without limits nothing is beyond them', () => {
  expect(beyond({ patientsPerHour: 1, resourcesPerHour: 1, hours: office }, {})).toEqual([]);
  const useCase = { volume: { requestsPerHour: 9, patientsPerDay: 9 }, hours: 'always' as const };
  expect(beyondContract({ scopeCeiling: 'system/*.cruds', useCase }, null)).toEqual([]);
});
