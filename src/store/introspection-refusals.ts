// Why a token of a known app was not answered for: audit events of one turn are one statement, committed before the answers.
import type { Reason } from '../errors.ts';
import { batched, columns } from './batched.ts';
import type { IntrospectedToken } from './introspection-facts.ts';

export interface IntrospectionRefusal {
  readonly token: IntrospectedToken;
  readonly reason: Reason;
  /** By whom it was shown, where it was a resource server. */
  readonly resourceServerId: string | undefined;
  readonly requestId: string;
}

const INSERT = `
  INSERT INTO audit_event (type, app_id, account_id, patient_id, grant_id, purpose, reason, resource_server_id,
    request_id, detail)
  SELECT 'introspection.refused', app_id, account_id, patient_id, grant_id, purpose, reason, resource_server_id,
    request_id, jsonb_strip_nulls(jsonb_build_object('diagnosis', jsonb_build_object('code', reason), 'breakGlass',
      break_glass))
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[])
    AS i (app_id, account_id, patient_id, grant_id, purpose, reason, resource_server_id, request_id, break_glass)`;

export const recordIntrospectionRefusal = batched<IntrospectionRefusal, undefined>(
  async (store, refusals) => {
    const parameters = columns(
      refusals,
      ({ token }) => token.clientId,
      ({ token }) => token.accountId,
      ({ token }) => token.patientId,
      ({ token }) => token.grantId,
      ({ token }) => token.purpose,
      (refusal) => refusal.reason,
      (refusal) => refusal.resourceServerId,
      (refusal) => refusal.requestId,
      ({ token }) => token.breakGlassId,
    );
    await store.hot(INSERT, parameters);
    return refusals.map(() => undefined);
  },
);
