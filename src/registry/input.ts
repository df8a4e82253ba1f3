// What is handed in, read strictly: unknown fields are faults like wrong ones, and all faults are told at once.
import { z } from 'zod';
import type { Fault, FaultCode } from '../policy/faults.ts';
import { isPrintable, nameFault, normalizeName } from '../policy/names.ts';
import { mayName } from '../store/identifier.ts';
import { type Paging, placeOf } from '../store/paging.ts';
import { RegistryRefusal } from './refusal.ts';

type Issue = z.core.$ZodIssue;

const SHOWN = 200;

export function readInput<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const read = schema.safeParse(input, { reportInput: true });
  if (read.success) return read.data;
  throw new RegistryRefusal('input_invalid', read.error.issues.flatMap(faultsOf));
}

/** Refuses unless there are none. */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new RegistryRefusal('input_invalid', faults);
}

export function refuse(field: string, code: FaultCode, value?: string): never {
  throw new RegistryRefusal('input_invalid', [{ field, code, ...(value === undefined ? {} : { value }) }]);
}

/** A rule of a schema whose breach is that fault. */
export const fault = (code: FaultCode) => ({ params: { fault: code } });

/** One line of text without control or direction characters. */
export const line = (most: number) =>
  z.string().trim().min(1).max(most).refine(isPrintable, fault('text_unprintable'));

/** Text of several lines. */
export const prose = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => isPrintable(text.replace(/\r?\n|\t/g, ' ')), fault('text_unprintable'));

/** A name that others see; whether it looks like another's is for those who admit and review. */
export const publicName = (most: number) =>
  line(most)
    .transform(normalizeName)
    .superRefine((name, context) => {
      const code = nameFault(name);
      if (code !== undefined) context.addIssue({ code: 'custom', ...fault(code), input: name });
    });

/** RFC 5321 §4.1.2 in its usual form: what a notice can be sent to. */
export const email = line(254).refine(
  (address) =>
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}$/.test(address),
  fault('email_unreadable'),
);

/** The id of a record; whether there is such a one is asked later. */
export const identifier = z.string().min(1).max(100).refine(mayName, fault('text_unprintable'));

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339; a day alone begins at midnight UTC. */
export const instant = z.string().transform((text, context) => {
  const at = new Date(text);
  if ((DAY.test(text) || INSTANT.test(text)) && isDay(text.slice(0, 10)) && isNear(at)) return at;
  context.addIssue({ code: 'custom', ...fault('not_a_date'), input: text });
  return z.NEVER;
});

/** A day that exists. */
export const day = z
  .string()
  .refine((text) => DAY.test(text) && isDay(text) && isNear(new Date(text)), fault('not_a_date'));

/** Date takes the 31st of a short month for the first of the next. */
const isDay = (text: string): boolean => new Date(text).toJSON()?.startsWith(text) === true;

const isNear = (at: Date): boolean => at.getUTCFullYear() >= 2000 && at.getUTCFullYear() < 2200;

/** Left out, it is null. */
export const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().default(null);

/** A list without repetitions. */
export function list<Item extends z.ZodType>(item: Item, most: number, least = 0) {
  return z
    .array(item)
    .min(least)
    .max(most)
    .superRefine((values, context) => {
      const texts = values.map((value) => JSON.stringify(value));
      texts.forEach((text, index) => {
        if (texts.indexOf(text) === index) return;
        context.addIssue({ code: 'custom', path: [index], ...fault('duplicate') });
      });
    });
}

export const because = z.strictObject({ reason: prose(1_000) });

/** Of the filter of a list: U+0000 stands in no text of the database, which fails on it. */
export function assertFindable(filter: object): void {
  for (const [field, value] of Object.entries(filter))
    if (typeof value === 'string' && !mayName(value)) refuse(field, 'text_unprintable', value);
}

/** The place where a page begins; a cursor of something else is refused. */
export function placeAfter({ after }: Paging, parts: number): readonly string[] | null {
  if (after === undefined || after === '') return null;
  return placeOf(after, parts) ?? refuse('after', 'cursor_unreadable');
}

/** In a list along time: an instant and an id. */
export function timePlaceAfter(paging: Paging): readonly string[] | null {
  const place = placeAfter(paging, 2);
  const [at = ''] = place ?? [];
  const isInstant = !Number.isNaN(Date.parse(at)) && new Date(at).toISOString() === at;
  return place === null || isInstant ? place : refuse('after', 'cursor_unreadable');
}

/** In a list of audit events, whose ids are numbers. */
export function eventPlaceAfter(paging: Paging): readonly string[] | null {
  const place = timePlaceAfter(paging);
  return place === null || /^\d{1,18}$/.test(place[1] ?? '') ? place : refuse('after', 'cursor_unreadable');
}

/** What an issue of a schema says, `reportInput` being on. */
export function faultsOf(issue: Issue): Fault[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: (field === '' ? key : `${field}.${key}`).slice(0, SHOWN),
      code: 'unknown_field',
    }));
  }
  const given = 'input' in issue ? issue.input : undefined;
  const value = typeof given === 'string' && given.length <= SHOWN ? { value: given } : {};
  return [{ field, code: codeOf(issue, given), ...value }];
}

const TYPES: Readonly<Record<string, FaultCode>> = {
  array: 'not_a_list',
  object: 'not_an_object',
  record: 'not_an_object',
  number: 'not_a_number',
  int: 'not_a_number',
};

function codeOf(issue: Issue, given: unknown): FaultCode {
  switch (issue.code) {
    case 'invalid_type':
      return given === undefined ? 'required' : (TYPES[issue.expected] ?? 'not_text');
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? 'out_of_range' : 'required';
    case 'too_big':
      if (issue.origin === 'string') return 'too_long';
      return issue.origin === 'array' ? 'too_many' : 'out_of_range';
    case 'custom':
      return issue.params?.fault ?? 'not_one_of';
    default:
      return given === undefined ? 'required' : 'not_one_of';
  }
}
