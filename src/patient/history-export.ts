// A history as a file, written while it is read: CSV for spreadsheets, JSON for programs, FHIR for other health records.
import { fhirDisclosure } from '../audit/fhir-disclosure.ts';
import { fhirEvent } from '../audit/fhir-event.ts';
import { csvRecord } from '../registry/inventory-export.ts';
import type { Store } from '../store/database.ts';
import { type HistoryQuery, type HistoryRow, readHistory } from '../store/history.ts';
import { eventName } from '../store/history-event.ts';
import { type PartyNames, partyNames } from '../store/party-names.ts';
import type { Translate } from '../web/messages.ts';
import { historyWords } from './history-words.ts';

export const HISTORY_FORMATS = ['csv', 'json', 'fhir'] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

interface Telling {
  readonly issuer: string;
  readonly t: Translate;
}

interface Teller {
  readonly type: string;
  readonly extension: string;
  readonly head: string;
  readonly between: string;
  readonly tail: string;
  tell(row: HistoryRow, names: PartyNames): string;
}

const COLUMNS = [
  ...([
    'at',
    'what',
    'outcome',
    'reason',
    'app',
    'organization',
    'source',
    'data',
    'count',
    'purpose',
  ] as const),
  ...(['resource', 'interaction', 'event'] as const),
] as const;

/** Of what an event says beside its columns: what is about this patient's data. */
const TOLD = [
  'interaction',
  'patient',
  'resources',
  'labels',
  'scope',
  'by',
  'expiresAt',
  'audience',
] as const;

function tellerOf(format: HistoryFormat, patientId: string, { issuer, t }: Telling): Teller {
  const plain = (row: HistoryRow, names: PartyNames) => {
    const { app, organization, source, what, kinds, outcome, reason, purpose } = historyWords(row, names, t);
    const { resources, interaction } = row.detail;
    return {
      ...{ at: row.at.toISOString(), what, outcome, reason, app, organization, source, data: kinds },
      ...{ count: typeof resources === 'number' ? resources : null, purpose, resource: row.resource },
      interaction: typeof interaction === 'string' ? interaction : null,
      event: eventName(row),
    };
  };
  if (format === 'csv') {
    return {
      ...{ type: 'text/csv; charset=utf-8', extension: 'csv', between: '', tail: '' },
      head: csvRecord(COLUMNS),
      tell: (row, names) => {
        const told = plain(row, names);
        const cells = { ...told, data: told.data.join(', ') };
        return csvRecord(COLUMNS.map((name) => cells[name]));
      },
    };
  }
  if (format === 'json') {
    return {
      ...{ type: 'application/json; charset=utf-8', extension: 'json', between: ',\n', tail: '\n]}\n' },
      head: `{"issuer":${JSON.stringify(issuer)},"events":[\n`,
      tell: (row, names) => JSON.stringify(plain(row, names)),
    };
  }
  return {
    ...{
      type: 'application/fhir+json; charset=utf-8',
      extension: 'fhir.json',
      between: ',\n',
      tail: '\n]}\n',
    },
    head: '{"resourceType":"Bundle","type":"collection","entry":[\n',
    tell: (row) => JSON.stringify({ resource: auditEvent(issuer, patientId, row) }),
  };
}

function auditEvent(issuer: string, patientId: string, row: HistoryRow): object {
  const { id, at, type, requestId, appId, organizationId, resourceServerId, resource, purpose, reason } = row;
  // Somebody else’s token may have been used on her record: whose it was is not hers to know.
  const isHers = row.kind === 'use' || row.accountId === patientId;
  const [accountId, grantId] = isHers ? [row.accountId, row.grantId] : [null, null];
  const about = { appId, organizationId, patientId, grantId, resourceServerId, resource, purpose, requestId };
  if (row.kind === 'use') {
    const scope = typeof row.detail.scope === 'string' ? row.detail.scope : null;
    const source = eventName(row);
    return fhirDisclosure(issuer, {
      ...{
        ...about,
        at,
        by: 'introspection',
        source,
        contractId: null,
        fhirPatient: null,
        interaction: null,
        scope,
      },
    });
  }
  const detail = Object.fromEntries(
    TOLD.flatMap((name) => (name in row.detail ? [[name, row.detail[name]]] : [])),
  );
  const event = { ...about, id, xid: '', recordedAt: at, type, accountId, contractId: null, reason, detail };
  return fhirEvent(issuer, event);
}

const PIECE = 500;

/** Everything that the query finds, the newest first; a piece is read when the last one was taken. */
export function historyFile(
  store: Store,
  format: HistoryFormat,
  query: HistoryQuery,
  telling: Telling,
): { readonly type: string; readonly name: string; readonly text: AsyncIterable<string> } {
  const teller = tellerOf(format, query.patientId, telling);
  const { type, extension } = teller;
  return { type, name: `history.${extension}`, text: pieces(store, query, teller) };
}

async function* pieces(
  store: Store,
  query: HistoryQuery,
  { head, between, tail, tell }: Teller,
): AsyncGenerator<string> {
  yield head;
  let after: string | undefined;
  let before = '';
  while (true) {
    const page = await readHistory(store, query, after, PIECE);
    if (page === undefined) return;
    const names = await partyNames(store, page.rows);
    const told = page.rows.map((row) => tell(row, names));
    if (told.length > 0) yield before + told.join(between);
    before = told.length > 0 ? between : before;
    if (page.next === null) break;
    after = page.next;
  }
  yield tail;
}
