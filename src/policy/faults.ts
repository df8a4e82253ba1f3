/** What can be wrong with a field of a record: its text is `fault.<code>` in the catalogue of the registry. */
export const FAULT_CODES = [
  // The shape of what was handed in.
  'required',
  'unknown_field',
  'not_text',
  'not_a_list',
  'not_an_object',
  'not_a_number',
  'not_a_date',
  'not_one_of',
  'out_of_range',
  'too_long',
  'too_many',
  'duplicate',
  // Names and other texts.
  'text_unprintable',
  'name_without_letters',
  'name_symbol',
  'name_script',
  'name_mixed_scripts',
  'name_reserved',
  // Addresses.
  'url_unreadable',
  'url_not_canonical',
  'url_scheme',
  'url_https_required',
  'url_user_info',
  'url_fragment',
  'url_wildcard',
  'url_host',
  'url_query',
  'url_not_an_origin',
  'url_not_a_domain_scheme',
  'keys_unreadable',
  // What a client may be.
  'redirect_uri_missing',
  'not_for_backend',
  'not_for_login_only',
  'grant_type_combination',
  'auth_method_combination',
  'keys_in_two_places',
  'scope_unreadable',
  'scope_unknown',
  'scope_level',
  'openid_missing',
  'scope_beyond_use_case',
  'purpose_unknown',
  'purpose_emergency',
  'audience_unregistered',
  // Use case and data use.
  'explanation_required',
  'legal_review_required',
  'minimization_required',
  'end_required',
  'end_too_late',
  'date_past',
  'date_future',
  'country_unknown',
  'time_zone_unknown',
  // Other records that are named.
  'organization_unknown',
  'organization_not_admitted',
  'organization_is_own',
  'person_unknown',
  'person_twice',
  'contract_unknown',
  'contract_renewal_needed',
  'contract_has_renewal',
  'document_hash_unreadable',
  'logo_unknown',
  'subject_unknown',
  // Who acts for whom.
  'patient_unknown',
  'patient_same',
  'patient_has_passkey',
  'fhir_base_unknown',
  'fhir_id_unreadable',
  'record_of_another',
  'age_unfit',
  'representation_end_required',
  'scope_not_of_patient',
  'fhir_user_unreadable',
  // Break-glass.
  'app_not_backend',
  'app_not_for_treatment',
  'scope_over_ceiling',
  // Platforms that act for apps.
  'platform_unknown',
  'platform_keys',
  'platform_chain',
  // Keys and secrets.
  'jwk_not_a_key',
  'jwk_private',
  'jwk_unreadable',
  'jwk_type',
  'jwk_rsa_size',
  'jwk_rsa_exponent',
  'jwk_curve',
  'jwk_kid',
  'jwk_use',
  'jwk_operations',
  'jwk_algorithm',
  'jwk_known',
  'credentials_full',
  'credential_not_used',
  // Pictures.
  'logo_not_png',
  'logo_too_large',
  'logo_damaged',
  'logo_dimensions',
  // Organizations, people, servers and lists.
  'email_unreadable',
  'date_order',
  'slug_unreadable',
  'url_unreachable',
  'domain_unreadable',
  'domain_unverified',
  'person_not_owner',
  'cursor_unreadable',
  'confirmation_differs',
  // Attestation campaigns.
  'no_apps_selected',
  'item_unconfirmed',
  'scopes_all_given_up',
  'snapshot_outdated',
  'snapshot_replaced',
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

/** One thing that is wrong with what was handed in. */
export interface Fault {
  /** Where: `redirectUris.0`. */
  readonly field: string;
  readonly code: FaultCode;
  /** What was given, where it helps and is not secret. */
  readonly value?: string;
}
