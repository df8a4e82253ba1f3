-- CreateTable
CREATE TABLE "organization" (
    "id" TEXT NOT NULL,
    "legal_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "suspended_at" TIMESTAMPTZ(3),
    "offboarded_at" TIMESTAMPTZ(3),

    CONSTRAINT "organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "left_at" TIMESTAMPTZ(3),

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contract" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contract_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "owner_id" TEXT,
    "contract_id" TEXT,
    "name" TEXT NOT NULL,
    "profile" TEXT NOT NULL,
    "purpose_statement" TEXT NOT NULL,
    "website_url" TEXT NOT NULL,
    "policy_url" TEXT,
    "redirect_uris" TEXT[],
    "application_type" TEXT NOT NULL DEFAULT 'web',
    "launch_uris" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "post_logout_redirect_uris" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "backchannel_logout_uri" TEXT,
    "origins" TEXT[],
    "grant_types" TEXT[],
    "auth_method" TEXT NOT NULL,
    "jwks" JSONB,
    "jwks_uri" TEXT,
    "secret_hash" TEXT,
    "audiences" TEXT[],
    "scope_ceiling" TEXT NOT NULL,
    "purposes" TEXT[],
    "max_consent_days" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reviewed_at" TIMESTAMPTZ(3),
    "attestation_due_at" TIMESTAMPTZ(3),
    "suspended_at" TIMESTAMPTZ(3),
    "offboarded_at" TIMESTAMPTZ(3),

    CONSTRAINT "app_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_server" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "suspended_at" TIMESTAMPTZ(3),

    CONSTRAINT "resource_server_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "fhir_base" (
    "url" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "resource_server_id" TEXT NOT NULL,

    CONSTRAINT "fhir_base_pkey" PRIMARY KEY ("url")
);

-- CreateTable
CREATE TABLE "patient" (
    "id" TEXT NOT NULL,
    "user_handle" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "patient_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "patient_record" (
    "fhir_base_url" TEXT NOT NULL,
    "fhir_id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,

    CONSTRAINT "patient_record_pkey" PRIMARY KEY ("fhir_base_url","fhir_id")
);

-- CreateTable
CREATE TABLE "representation" (
    "id" TEXT NOT NULL,
    "representative_id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "relationship" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "representation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ehr" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "fhir_base_url" TEXT NOT NULL,
    "jwks" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "suspended_at" TIMESTAMPTZ(3),

    CONSTRAINT "ehr_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ehr_user" (
    "id" TEXT NOT NULL,
    "ehr_id" TEXT NOT NULL,
    "fhir_user" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ehr_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "launch_context" (
    "id" TEXT NOT NULL,
    "ehr_id" TEXT NOT NULL,
    "ehr_user_id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "fhir_base_url" TEXT NOT NULL,
    "context" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "launch_context_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "code_hash" TEXT NOT NULL,
    "browser_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "opened_at" TIMESTAMPTZ(3),
    "superseded_at" TIMESTAMPTZ(3),
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "passkey" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "backup_eligible" BOOLEAN NOT NULL,
    "backed_up" BOOLEAN NOT NULL,
    "aaguid" TEXT NOT NULL,
    "transports" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consent" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT,
    "account_id" TEXT NOT NULL,
    "representation_id" TEXT,
    "app_id" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "audience" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "requested_scope" TEXT NOT NULL,
    "granted_scope" TEXT NOT NULL,
    "choices" TEXT[],
    "launch_context" JSONB NOT NULL,
    "locale" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "withdrawn_at" TIMESTAMPTZ(3),
    "withdrawn_by" TEXT,

    CONSTRAINT "consent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" BIGSERIAL NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "request_id" TEXT,
    "app_id" TEXT,
    "account_id" TEXT,
    "patient_id" TEXT,
    "grant_id" TEXT,
    "resource_server_id" TEXT,
    "purpose" TEXT,
    "reason" TEXT,
    "detail" JSONB NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_record" (
    "token_id" UUID NOT NULL,
    "resource_server_id" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "app_id" TEXT NOT NULL,
    "patient_id" TEXT,
    "grant_id" TEXT,
    "purpose" TEXT NOT NULL,

    CONSTRAINT "access_record_pkey" PRIMARY KEY ("token_id","resource_server_id","minute")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "kid" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "sealed_jwk" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "oidc_payload" (
    "model" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "uid" TEXT,
    "grant_id" TEXT,
    "client_id" TEXT,
    "account_id" TEXT,
    "issued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "consumed_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "oidc_payload_pkey" PRIMARY KEY ("model","id")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "grant_id" TEXT,
    "account_id" TEXT,
    "patient_id" TEXT,
    "session_uid" TEXT,
    "audience" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "extra" JSONB NOT NULL,
    "payload" JSONB NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refresh_answer" (
    "id" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "client_mark" TEXT NOT NULL,
    "sealed_answer" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "refresh_answer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "passkey_challenge" (
    "id" TEXT NOT NULL,
    "ceremony" TEXT NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "subject" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "passkey_challenge_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "person_organization_id_idx" ON "person"("organization_id");

-- CreateIndex
CREATE INDEX "contract_organization_id_idx" ON "contract"("organization_id");

-- CreateIndex
CREATE INDEX "app_organization_id_idx" ON "app"("organization_id");

-- CreateIndex
CREATE INDEX "app_owner_id_idx" ON "app"("owner_id");

-- CreateIndex
CREATE INDEX "app_contract_id_idx" ON "app"("contract_id");

-- CreateIndex
CREATE UNIQUE INDEX "fhir_base_slug_key" ON "fhir_base"("slug");

-- CreateIndex
CREATE INDEX "fhir_base_resource_server_id_idx" ON "fhir_base"("resource_server_id");

-- CreateIndex
CREATE UNIQUE INDEX "patient_user_handle_key" ON "patient"("user_handle");

-- CreateIndex
CREATE UNIQUE INDEX "patient_record_patient_id_fhir_base_url_key" ON "patient_record"("patient_id", "fhir_base_url");

-- CreateIndex
CREATE INDEX "representation_representative_id_idx" ON "representation"("representative_id");

-- CreateIndex
CREATE INDEX "representation_patient_id_idx" ON "representation"("patient_id");

-- CreateIndex
CREATE INDEX "ehr_fhir_base_url_idx" ON "ehr"("fhir_base_url");

-- CreateIndex
CREATE UNIQUE INDEX "ehr_user_ehr_id_fhir_user_key" ON "ehr_user"("ehr_id", "fhir_user");

-- CreateIndex
CREATE INDEX "launch_context_ehr_id_idx" ON "launch_context"("ehr_id");

-- CreateIndex
CREATE INDEX "launch_context_ehr_user_id_idx" ON "launch_context"("ehr_user_id");

-- CreateIndex
CREATE INDEX "launch_context_app_id_idx" ON "launch_context"("app_id");

-- CreateIndex
CREATE INDEX "launch_context_fhir_base_url_idx" ON "launch_context"("fhir_base_url");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_code_hash_key" ON "invitation"("code_hash");

-- CreateIndex
CREATE INDEX "invitation_patient_id_idx" ON "invitation"("patient_id");

-- CreateIndex
CREATE INDEX "passkey_patient_id_idx" ON "passkey"("patient_id");

-- CreateIndex
CREATE UNIQUE INDEX "consent_grant_id_key" ON "consent"("grant_id");

-- CreateIndex
CREATE INDEX "consent_patient_id_app_id_idx" ON "consent"("patient_id", "app_id");

-- CreateIndex
CREATE INDEX "consent_account_id_idx" ON "consent"("account_id");

-- CreateIndex
CREATE INDEX "consent_app_id_idx" ON "consent"("app_id");

-- CreateIndex
CREATE INDEX "audit_event_patient_id_recorded_at_idx" ON "audit_event"("patient_id", "recorded_at");

-- CreateIndex
CREATE INDEX "audit_event_app_id_recorded_at_idx" ON "audit_event"("app_id", "recorded_at");

-- CreateIndex
CREATE INDEX "access_record_grant_id_minute_idx" ON "access_record"("grant_id", "minute");

-- CreateIndex
CREATE INDEX "access_record_app_id_minute_idx" ON "access_record"("app_id", "minute");

-- CreateIndex
CREATE INDEX "oidc_payload_grant_id_idx" ON "oidc_payload"("grant_id");

-- CreateIndex
CREATE INDEX "oidc_payload_model_uid_idx" ON "oidc_payload"("model", "uid");

-- CreateIndex
CREATE INDEX "oidc_payload_expires_at_idx" ON "oidc_payload"("expires_at");

-- CreateIndex
CREATE INDEX "access_token_grant_id_idx" ON "access_token"("grant_id");

-- CreateIndex
CREATE INDEX "access_token_expires_at_idx" ON "access_token"("expires_at");

-- CreateIndex
CREATE INDEX "refresh_answer_grant_id_idx" ON "refresh_answer"("grant_id");

-- CreateIndex
CREATE INDEX "refresh_answer_expires_at_idx" ON "refresh_answer"("expires_at");

-- CreateIndex
CREATE INDEX "passkey_challenge_expires_at_idx" ON "passkey_challenge"("expires_at");

-- AddForeignKey
ALTER TABLE "person" ADD CONSTRAINT "person_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "contract" ADD CONSTRAINT "contract_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app" ADD CONSTRAINT "app_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app" ADD CONSTRAINT "app_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app" ADD CONSTRAINT "app_contract_id_fkey" FOREIGN KEY ("contract_id") REFERENCES "contract"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "fhir_base" ADD CONSTRAINT "fhir_base_resource_server_id_fkey" FOREIGN KEY ("resource_server_id") REFERENCES "resource_server"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "patient_record" ADD CONSTRAINT "patient_record_fhir_base_url_fkey" FOREIGN KEY ("fhir_base_url") REFERENCES "fhir_base"("url") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "patient_record" ADD CONSTRAINT "patient_record_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "representation" ADD CONSTRAINT "representation_representative_id_fkey" FOREIGN KEY ("representative_id") REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "representation" ADD CONSTRAINT "representation_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ehr" ADD CONSTRAINT "ehr_fhir_base_url_fkey" FOREIGN KEY ("fhir_base_url") REFERENCES "fhir_base"("url") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ehr_user" ADD CONSTRAINT "ehr_user_ehr_id_fkey" FOREIGN KEY ("ehr_id") REFERENCES "ehr"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "launch_context" ADD CONSTRAINT "launch_context_ehr_id_fkey" FOREIGN KEY ("ehr_id") REFERENCES "ehr"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "launch_context" ADD CONSTRAINT "launch_context_ehr_user_id_fkey" FOREIGN KEY ("ehr_user_id") REFERENCES "ehr_user"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "launch_context" ADD CONSTRAINT "launch_context_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "launch_context" ADD CONSTRAINT "launch_context_fhir_base_url_fkey" FOREIGN KEY ("fhir_base_url") REFERENCES "fhir_base"("url") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consent" ADD CONSTRAINT "consent_patient_id_fkey" FOREIGN KEY ("patient_id") REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consent" ADD CONSTRAINT "consent_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Append-only: an audit event is never changed and never deleted.
CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_event is append-only';
END
$$;

CREATE TRIGGER audit_event_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_event"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
