// A consent receipt with the fields of ISO/IEC TS 27560:2023 (in the names of its JSON example), as a JWS payload. It names
// kinds of data that were agreed to, and nothing of the record itself; a patient is the number that she has here.
import { isSensitive, type WordingKey } from '../smart/resource-types.ts';
import type { ReceiptFacts, ReceiptState } from '../store/receipts.ts';
import { sharedKinds } from './shared-kinds.ts';

export const RECEIPT_TYPE = 'consent-receipt+jwt';
export const RECEIPT_SCHEMA = 'ISO/IEC TS 27560:2023';
/** What our names in it mean, and which fields there are. */
export const RECEIPT_PROFILE = 'urn:postern:consent-receipt:1';

export interface ReceiptPublisher {
  readonly issuer: string;
  readonly operatorName: string;
}

const EVENT_STATE: Readonly<Record<ReceiptState, string>> = {
  given: 'given',
  amended: 'changed',
  paused: 'paused',
  resumed: 'resumed',
  withdrawn: 'withdrawn',
  expired: 'expired',
};

/** Seconds from an event to the end that holds then; 0 where nothing is shared after it. */
const validity = (state: ReceiptState, at: Date, endsAt: Date): number =>
  state === 'withdrawn' || state === 'expired'
    ? 0
    : Math.max(0, Math.floor((endsAt.getTime() - at.getTime()) / 1_000));

export function receiptClaims(facts: ReceiptFacts, { issuer, operatorName }: ReceiptPublisher) {
  const { id, state, at, consentId, patientId, accountId, organizationId, appId, scope, endsAt } = facts;
  const event = {
    event_time: at.toISOString(),
    validity_duration: validity(state, at, endsAt),
    entity_id: facts.actorId ?? (state === 'expired' ? issuer : (facts.by ?? issuer)),
    event_type: 'explicit',
    event_state: EVENT_STATE[state],
  };
  const given = {
    ...{ event_time: facts.decidedAt.toISOString(), entity_id: accountId },
    ...{ event_type: 'explicit', event_state: 'given' },
  };
  const receipt = {
    schema_version: RECEIPT_SCHEMA,
    profile: RECEIPT_PROFILE,
    receipt_id: id,
    record: {
      schema_version: RECEIPT_SCHEMA,
      record_id: consentId,
      pii_principal_id: patientId,
    },
    pii_processing: {
      privacy_notice: facts.policyUrl ?? issuer,
      language: facts.locale,
      ...(facts.wording === null ? {} : { wording: facts.wording }),
      purposes: [
        {
          purpose: facts.purposeStatement ?? facts.purpose,
          purpose_type: `http://terminology.hl7.org/CodeSystem/v3-ActReason|${facts.purpose}`,
          lawful_basis: 'consent',
          pii_information: sharedKinds(scope).map(({ category, access }) => ({
            ...{ pii_type: category, access, pii_optional: true },
            sensitive_pii_category: isSensitive(category as WordingKey),
            special_pii_category: true,
          })),
          pii_controllers: [organizationId],
          collection_method: ['from a health record, over FHIR'],
          processing_method: ['view', 'change'].filter((one) =>
            sharedKinds(scope).some(({ access }) => access === one),
          ),
          storage_source: facts.audience,
          services: [facts.appName],
          valid_until: endsAt.toISOString(),
          withdrawal_method: `${issuer}/my`,
          privacy_rights: [`${issuer}/my/history`],
        },
      ],
    },
    party_identification: [
      {
        ...{ party_id: organizationId, party_name: facts.recipientName, party_role: 'PII controller' },
        ...(facts.websiteUrl === null ? {} : { party_url: facts.websiteUrl }),
        party_type: `app ${appId}`,
      },
      {
        ...{ party_id: issuer, party_name: operatorName, party_role: 'keeper of the consent record' },
        party_url: issuer,
      },
    ],
    event: state === 'given' ? [event] : [given, event],
  };
  // RFC 7519: neither sub, aud nor exp, so that it is no other token to anyone.
  return { iss: issuer, iat: Math.floor(at.getTime() / 1_000), jti: `receipt:${id}`, receipt };
}
