// Counting in a patient's record for the page that asks her: a token of the authorization server's own, which says in which
// record and by which searches, and gives nothing but numbers.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { parseScope, parseScopes } from '../smart/scope.ts';
import { covers } from '../smart/scope-algebra.ts';
import { type Parameter, parseSearch, searchResources } from './fhir-search.ts';
import { demoRecords } from './records.ts';

const TYPE = 'record-count+jwt';

export interface CountServer {
  readonly issuer: string;
  readonly fhirBase: string;
}

/** Undefined: no such token, or it is for something else. */
export type Count = (token: string, type: string, asked: readonly Parameter[]) => Promise<number | undefined>;

/** An app's token is no JWT. */
export const mayCount = (token: string, asked: readonly Parameter[]): boolean =>
  token.split('.').length === 3 && asked.some(([name, value]) => name === '_summary' && value === 'count');

export function createCounts({ issuer, fhirBase }: CountServer): Count {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  return async (token, type, asked) => {
    const rules = { issuer, subject: issuer, audience: fhirBase, typ: TYPE, algorithms: ['RS256'] };
    const verified = await jwtVerify(token, keys, { ...rules, maxTokenAge: 60, clockTolerance: 5 }).catch(
      () => undefined,
    );
    const { patient, scope } = verified?.payload ?? {};
    const parameters = asked.filter(([name]) => name !== '_summary');
    const others = parameters.filter(([name]) => name !== 'patient');
    const query = others.map(([name, value]) => `${name}=${value}`).join('&');
    const needed = parseScope(`patient/${type}.s${query === '' ? '' : `?${query}`}`);
    const whose = parameters.filter(([name]) => name === 'patient').map(([, value]) => value);
    if (needed === undefined || whose.length !== 1 || whose[0] !== patient) return undefined;
    if (!covers(parseScopes(String(scope)).scopes, needed)) return undefined;
    const search = parseSearch(type, parameters);
    return 'fault' in search ? undefined : searchResources(demoRecords, search).length;
  };
}
