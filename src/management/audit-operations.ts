import { z } from 'zod';
import { EVENT_FORMATS } from '../audit/export.ts';
import { eventFilter, exportAuditEvents, listAuditEvents } from '../registry/audit-exports.ts';
import { DISCLOSURE_FORMATS, disclosureFilter, exportDisclosures } from '../registry/disclosure-exports.ts';
import { operationsOf, pageSchema, paging } from './operation.ts';

const audit = operationsOf('audit');

const EVENT_MEDIA = { ndjson: 'application/x-ndjson', fhir: 'application/fhir+ndjson' } as const;
const DISCLOSURE_MEDIA = {
  ...{ csv: 'text/csv', json: 'application/json', fhir: 'application/fhir+ndjson' },
} as const;

const text = z.string();
const event = z.object({
  ...{ id: text, recordedAt: z.date(), type: text },
  ...z
    .object({
      ...{ requestId: text, appId: text, accountId: text, organizationId: text, patientId: text },
      ...{
        grantId: text,
        resourceServerId: text,
        contractId: text,
        resource: text,
        purpose: text,
        reason: text,
      },
    })
    .partial().shape,
  detail: z.record(text, z.unknown()),
});

export const auditOperations = [
  audit.get('listAuditEvents', '/audit-events', {
    summary: 'What happened, the oldest first: the `next` of the last page finds what is added later',
    query: z.strictObject({ ...eventFilter.shape, ...paging }),
    answer: pageSchema(event),
    run: async ({ deps, actor, query: { after, limit, ...filter } }) => {
      const page = await listAuditEvents(deps, actor, { filter: given(filter), after, limit });
      return page as { rows: z.input<typeof event>[]; next: string | null };
    },
  }),
  audit.get('exportAuditEvents', '/audit-events/export', {
    summary:
      'The same as a file, a line each: as JSON, or as FHIR R4 AuditEvent (IHE BALP); which is recorded',
    query: z.strictObject({ ...eventFilter.shape, format: z.enum(EVENT_FORMATS) }),
    files: Object.values(EVENT_MEDIA),
    run: async ({ deps, actor, query: { format, ...filter } }) => ({
      type: EVENT_MEDIA[format],
      text: await exportAuditEvents(deps, actor, { format, filter: given(filter) }),
    }),
  }),
  audit.get('exportDisclosures', '/disclosures', {
    summary:
      "Who reached which patient's data between two instants: of one app, patient or organization; which is recorded",
    query: z.strictObject({ ...disclosureFilter.shape, format: z.enum(DISCLOSURE_FORMATS) }),
    files: [...new Set(Object.values(DISCLOSURE_MEDIA))],
    run: async ({ deps, actor, query: { format, ...filter } }) => ({
      type: DISCLOSURE_MEDIA[format],
      text: await exportDisclosures(deps, actor, { format, filter: given(filter) }),
    }),
  }),
];

/** Instants were read from the query already; the command reads them as they are written. */
const given = (filter: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : value,
    ]),
  );
