// Who reached which patient's data, under which contract and for which purpose, between two instants: for the accounting of
// disclosures (45 CFR 164.528) and for the report of a breach.
import { z } from 'zod';
import { fhirDisclosure } from '../audit/fhir-disclosure.ts';
import type { Actor } from '../policy/permissions.ts';
import {
  type Disclosure,
  type DisclosureQuery,
  type DisclosureSubject,
  readDisclosures,
} from '../store/disclosures.ts';
import { assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { identifier, instant, readInput, refuse } from './input.ts';
import { csvRecord } from './inventory-export.ts';

export const DISCLOSURE_FORMATS = ['csv', 'json', 'fhir'] as const;
export type DisclosureFormat = (typeof DISCLOSURE_FORMATS)[number];

export const disclosureFilter = z.strictObject({
  appId: identifier.optional(),
  patientId: identifier.optional(),
  organizationId: identifier.optional(),
  from: instant,
  to: instant,
});

/** The text of the file in pieces. Who took which part of it is recorded before the first one. */
export async function exportDisclosures(
  { store, settings: { issuer } }: RegistryDeps,
  actor: Actor,
  { format, filter: asked }: { readonly format: DisclosureFormat /** Unread. */; readonly filter: unknown },
): Promise<AsyncIterable<string>> {
  assertMay(actor, 'audit.read');
  const query = queryOf(readInput(disclosureFilter, asked));
  const { subject, from, to } = query;
  const detail = { format, from: from.toISOString(), to: to.toISOString() };
  await store.prisma.$transaction((tx) =>
    record(tx, actor, { type: 'disclosure.exported', ...subject, detail }),
  );
  return pieces(readDisclosures(store, query), TELLERS[format](issuer));
}

function queryOf({ from, to, ...subjects }: z.infer<typeof disclosureFilter>): DisclosureQuery {
  const given = Object.entries(subjects).filter(([, value]) => value !== undefined);
  const [only, ...others] = given;
  if (only === undefined) return refuse('appId', 'required');
  // What is asked for must be found by an index, and be understood as it was meant.
  if (others.length > 0) return refuse('appId', 'too_many');
  return { subject: Object.fromEntries([only]) as unknown as DisclosureSubject, from, to };
}

interface Teller {
  readonly head: string;
  line(disclosure: Disclosure, index: number): string;
  readonly tail: string;
}

const COLUMNS = [
  ...(['at', 'by', 'appId', 'organizationId', 'contractId', 'patientId', 'fhirPatient', 'resource'] as const),
  ...(['interaction', 'scope', 'purpose', 'resourceServerId', 'grantId', 'requestId', 'source'] as const),
] as const;

const TELLERS: Readonly<Record<DisclosureFormat, (issuer: string) => Teller>> = {
  csv: () => ({
    head: csvRecord(COLUMNS.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))),
    line: (disclosure) => csvRecord(COLUMNS.map((name) => disclosure[name])),
    tail: '',
  }),
  json: (issuer) => ({
    head: `{"issuer":${JSON.stringify(issuer)},"disclosures":[`,
    line: (disclosure, index) => `${index === 0 ? '\n' : ',\n'}${JSON.stringify(disclosure)}`,
    tail: '\n]}\n',
  }),
  fhir: (issuer) => ({
    head: '',
    line: (disclosure) => `${JSON.stringify(fhirDisclosure(issuer, disclosure))}\n`,
    tail: '',
  }),
};

const PIECE = 100;

async function* pieces(
  disclosures: AsyncIterable<Disclosure>,
  { head, line, tail }: Teller,
): AsyncGenerator<string> {
  let [piece, index] = [head, 0];
  for await (const disclosure of disclosures) {
    piece += line(disclosure, index);
    index += 1;
    if (index % PIECE > 0) continue;
    yield piece;
    piece = '';
  }
  yield piece + tail;
}
