// Values of FHIR search parameters, compared as far as they can be without asking a server.

/** FHIR R4 search §3.1.1.4.13: between commas one of several, unless the comma is escaped. */
export const alternativesOf = (value: string): string[] =>
  value.split(/(?<!\\),/).filter((one) => one !== '');

/** FHIR R4 search §3.1.1.4.10: without a system the code in any, without a code any of the system. */
export function mayBeSame(a: string, b: string): boolean {
  const [left, right] = [tokenOf(a), tokenOf(b)];
  const isSystem = left.system === undefined || right.system === undefined || left.system === right.system;
  return isSystem && (left.code === '' || right.code === '' || left.code === right.code);
}

function tokenOf(text: string): { readonly system: string | undefined; readonly code: string } {
  const bar = text.indexOf('|');
  return { system: bar < 0 ? undefined : text.slice(0, bar), code: text.slice(bar + 1) };
}

/** The id of a Patient at this server; undefined: it may be anything. `meansPatient`: a bare id is a Patient's. */
export function patientIn(reference: string, meansPatient: boolean): string | undefined {
  const id = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(reference)?.[1];
  return id ?? (meansPatient && /^[A-Za-z0-9\-.]{1,64}$/.test(reference) ? reference : undefined);
}
