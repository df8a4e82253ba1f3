// Events as they leave, in pieces: a line of JSON each, whatever words they are told in.
import {
  type EventFilter,
  type EventPlace,
  type EventRow,
  placeOfEvent,
  readEvents,
} from '../store/audit-pages.ts';
import type { Store } from '../store/database.ts';
import { fhirEvent } from './fhir-event.ts';

export const EVENT_FORMATS = ['ndjson', 'fhir'] as const;
export type EventFormat = (typeof EVENT_FORMATS)[number];

const PAGE = 500;

/** What an event says, without what it leaves open. */
export function eventJson({ xid: _, ...event }: EventRow): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null));
}

/** In pages; the next one is read when the last one was taken. */
async function* eventPages(store: Store, filter: EventFilter): AsyncGenerator<readonly EventRow[]> {
  let after: EventPlace | undefined;
  while (true) {
    const rows = await readEvents(store, filter, after, PAGE);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < PAGE) return;
    after = placeOfEvent(filter, last);
  }
}

interface Exported {
  readonly issuer: string;
  readonly format: EventFormat;
  readonly filter: EventFilter;
}

export async function* exportLines(
  store: Store,
  { issuer, format, filter }: Exported,
): AsyncGenerator<string> {
  const told = format === 'fhir' ? (event: EventRow) => fhirEvent(issuer, event) : eventJson;
  for await (const rows of eventPages(store, filter))
    yield rows.map((row) => `${JSON.stringify(told(row))}\n`).join('');
}
