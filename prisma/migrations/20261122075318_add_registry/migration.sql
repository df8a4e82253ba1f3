-- DropIndex
DROP INDEX "person_organization_id_idx";

-- AlterTable
ALTER TABLE "app" ADD COLUMN     "backup_owner_id" TEXT,
ADD COLUMN     "environment" TEXT NOT NULL DEFAULT 'production',
ADD COLUMN     "registered_through" TEXT NOT NULL DEFAULT 'portal',
ADD COLUMN     "registration_token_hash" TEXT,
ADD COLUMN     "revision_id" TEXT;

-- AlterTable
ALTER TABLE "audit_event" ADD COLUMN     "organization_id" TEXT;

-- AlterTable
ALTER TABLE "consent" ADD COLUMN     "organization_id" TEXT;
UPDATE "consent" d SET "organization_id" = a."organization_id" FROM "app" a WHERE a."id" = d."app_id";
ALTER TABLE "consent" ALTER COLUMN "organization_id" SET NOT NULL;

-- AlterTable
ALTER TABLE "ehr" ADD COLUMN     "organization_id" TEXT,
ADD COLUMN     "owner_id" TEXT;

-- AlterTable
ALTER TABLE "fhir_base" ADD COLUMN     "environment" TEXT NOT NULL DEFAULT 'production';

-- AlterTable
ALTER TABLE "invitation" ADD COLUMN     "person_id" TEXT,
ALTER COLUMN "patient_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "organization" ADD COLUMN     "admitted_at" TIMESTAMPTZ(3),
ADD COLUMN     "contacts" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "country" TEXT NOT NULL DEFAULT 'US',
ADD COLUMN     "identifier" TEXT,
ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'vendor',
ADD COLUMN     "merged_at" TIMESTAMPTZ(3),
ADD COLUMN     "merged_into_id" TEXT,
ADD COLUMN     "name_skeleton" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "sealed_webhook_secret" BYTEA,
ADD COLUMN     "webhook_url" TEXT;

-- AlterTable
ALTER TABLE "passkey" ADD COLUMN     "person_id" TEXT,
ALTER COLUMN "patient_id" DROP NOT NULL;

-- AlterTable
ALTER TABLE "person" ADD COLUMN     "user_handle" TEXT;
UPDATE "person" SET "user_handle" = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
ALTER TABLE "person" ALTER COLUMN "user_handle" SET NOT NULL;

-- AlterTable
ALTER TABLE "resource_server" ADD COLUMN     "organization_id" TEXT,
ADD COLUMN     "owner_id" TEXT;

-- CreateTable
CREATE TABLE "person_role" (
    "id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "granted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "granted_by" TEXT NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "person_role_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_revision" (
    "id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_skeleton" TEXT NOT NULL DEFAULT '',
    "logo_id" TEXT,
    "profile" TEXT NOT NULL,
    "purpose_statement" TEXT NOT NULL,
    "website_url" TEXT NOT NULL,
    "policy_url" TEXT,
    "tos_url" TEXT,
    "redirect_uris" TEXT[],
    "application_type" TEXT NOT NULL DEFAULT 'web',
    "launch_uris" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "post_logout_redirect_uris" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "backchannel_logout_uri" TEXT,
    "origins" TEXT[],
    "grant_types" TEXT[],
    "auth_method" TEXT NOT NULL,
    "jwks_uri" TEXT,
    "audiences" TEXT[],
    "scope_ceiling" TEXT NOT NULL,
    "purposes" TEXT[],
    "max_consent_days" INTEGER NOT NULL,
    "use_case" JSONB NOT NULL DEFAULT '{}',
    "data_use" JSONB NOT NULL DEFAULT '{}',
    "ends_at" TIMESTAMPTZ(3),
    "software_id" TEXT,
    "software_version" TEXT,

    CONSTRAINT "app_revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "revision_subprocessor" (
    "revision_id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "service" TEXT NOT NULL,

    CONSTRAINT "revision_subprocessor_pkey" PRIMARY KEY ("revision_id","organization_id","service")
);

-- CreateTable
CREATE TABLE "logo" (
    "id" TEXT NOT NULL,
    "png" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "logo_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "review" (
    "id" TEXT NOT NULL,
    "revision_id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "submitted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "submitted_by" TEXT NOT NULL,
    "approvals_needed" INTEGER NOT NULL DEFAULT 1,
    "closed_at" TIMESTAMPTZ(3),
    "outcome" TEXT,

    CONSTRAINT "review_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "review_decision" (
    "id" TEXT NOT NULL,
    "review_id" TEXT NOT NULL,
    "reviewer_id" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "reason" TEXT,
    "decided_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "review_decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_key" (
    "id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "kid" TEXT,
    "thumbprint" TEXT,
    "jwk" JSONB,
    "secret_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "app_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "key_warning" (
    "app_key_id" TEXT NOT NULL,
    "days_before" INTEGER NOT NULL,
    "warned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "key_warning_pkey" PRIMARY KEY ("app_key_id","days_before")
);

-- CreateTable
CREATE TABLE "app_change" (
    "id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "affected_scopes" TEXT[],
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "recorded_by" TEXT NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),
    "cleared_by" TEXT,

    CONSTRAINT "app_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "app_transfer" (
    "id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "from_organization_id" TEXT NOT NULL,
    "to_organization_id" TEXT NOT NULL,
    "new_owner_id" TEXT NOT NULL,
    "new_contract_id" TEXT,
    "proposed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "proposed_by" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "declined_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "review_id" TEXT,

    CONSTRAINT "app_transfer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "domain_proof" (
    "organization_id" TEXT NOT NULL,
    "domain" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "verified_at" TIMESTAMPTZ(3),

    CONSTRAINT "domain_proof_pkey" PRIMARY KEY ("organization_id","domain")
);

-- CreateTable
CREATE TABLE "initial_access_token" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "uses_left" INTEGER NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "initial_access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_server_secret" (
    "id" TEXT NOT NULL,
    "resource_server_id" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "resource_server_secret_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "staff_session" (
    "id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "verified_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "staff_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_message" (
    "id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "destination" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "sent_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "last_fault" TEXT,

    CONSTRAINT "outbox_message_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "person_role_person_id_idx" ON "person_role"("person_id");

-- CreateIndex
CREATE INDEX "app_revision_logo_id_idx" ON "app_revision"("logo_id");

-- CreateIndex
CREATE INDEX "app_revision_name_skeleton_idx" ON "app_revision"("name_skeleton");

-- CreateIndex
CREATE INDEX "app_revision_name_id_idx" ON "app_revision"("name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "app_revision_app_id_number_key" ON "app_revision"("app_id", "number");

-- CreateIndex
CREATE INDEX "revision_subprocessor_organization_id_service_revision_id_idx" ON "revision_subprocessor"("organization_id", "service", "revision_id");

-- CreateIndex
CREATE UNIQUE INDEX "review_revision_id_key" ON "review"("revision_id");

-- CreateIndex
CREATE INDEX "review_app_id_idx" ON "review"("app_id");

-- CreateIndex
CREATE INDEX "review_closed_at_submitted_at_id_idx" ON "review"("closed_at", "submitted_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "review_decision_review_id_reviewer_id_key" ON "review_decision"("review_id", "reviewer_id");

-- CreateIndex
CREATE UNIQUE INDEX "app_key_thumbprint_key" ON "app_key"("thumbprint");

-- CreateIndex
CREATE INDEX "app_key_app_id_idx" ON "app_key"("app_id");

-- CreateIndex
CREATE INDEX "app_key_ends_at_idx" ON "app_key"("ends_at");

-- CreateIndex
CREATE INDEX "app_change_app_id_cleared_at_idx" ON "app_change"("app_id", "cleared_at");

-- CreateIndex
CREATE INDEX "app_transfer_app_id_idx" ON "app_transfer"("app_id");

-- CreateIndex
CREATE INDEX "app_transfer_new_owner_id_idx" ON "app_transfer"("new_owner_id");

-- CreateIndex
CREATE INDEX "initial_access_token_organization_id_idx" ON "initial_access_token"("organization_id");

-- CreateIndex
CREATE INDEX "api_token_person_id_idx" ON "api_token"("person_id");

-- CreateIndex
CREATE INDEX "resource_server_secret_resource_server_id_idx" ON "resource_server_secret"("resource_server_id");

-- CreateIndex
CREATE INDEX "staff_session_person_id_idx" ON "staff_session"("person_id");

-- CreateIndex
CREATE INDEX "staff_session_expires_at_idx" ON "staff_session"("expires_at");

-- CreateIndex
CREATE INDEX "outbox_message_sent_at_failed_at_next_try_at_idx" ON "outbox_message"("sent_at", "failed_at", "next_try_at");

-- CreateIndex
CREATE UNIQUE INDEX "app_revision_id_key" ON "app"("revision_id");

-- CreateIndex
CREATE UNIQUE INDEX "app_registration_token_hash_key" ON "app"("registration_token_hash");

-- CreateIndex
CREATE INDEX "app_backup_owner_id_idx" ON "app"("backup_owner_id");

-- CreateIndex
CREATE INDEX "app_created_at_id_idx" ON "app"("created_at", "id");

-- DropIndex
DROP INDEX "launch_context_ehr_id_idx";

-- CreateIndex
CREATE INDEX "access_record_resource_server_id_minute_idx" ON "access_record"("resource_server_id", "minute");

-- CreateIndex
CREATE INDEX "access_token_client_id_expires_at_idx" ON "access_token"("client_id", "expires_at");

-- CreateIndex
CREATE INDEX "launch_context_ehr_id_created_at_idx" ON "launch_context"("ehr_id", "created_at");

-- CreateIndex
CREATE INDEX "audit_event_app_id_type_recorded_at_idx" ON "audit_event"("app_id", "type", "recorded_at");

-- CreateIndex
CREATE INDEX "audit_event_organization_id_recorded_at_idx" ON "audit_event"("organization_id", "recorded_at");

-- CreateIndex
CREATE INDEX "ehr_organization_id_idx" ON "ehr"("organization_id");

-- CreateIndex
CREATE INDEX "ehr_owner_id_idx" ON "ehr"("owner_id");

-- CreateIndex
CREATE INDEX "invitation_person_id_idx" ON "invitation"("person_id");

-- CreateIndex
CREATE INDEX "organization_merged_into_id_idx" ON "organization"("merged_into_id");

-- CreateIndex
CREATE INDEX "organization_legal_name_id_idx" ON "organization"("legal_name", "id");

-- CreateIndex
CREATE INDEX "organization_name_skeleton_idx" ON "organization"("name_skeleton");

-- CreateIndex
CREATE INDEX "passkey_person_id_idx" ON "passkey"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "person_user_handle_key" ON "person"("user_handle");

-- CreateIndex
CREATE INDEX "person_organization_id_name_id_idx" ON "person"("organization_id", "name", "id");

-- CreateIndex
CREATE INDEX "person_name_id_idx" ON "person"("name", "id");

-- CreateIndex
CREATE INDEX "person_email_idx" ON "person"("email");

-- CreateIndex
CREATE INDEX "resource_server_organization_id_idx" ON "resource_server"("organization_id");

-- CreateIndex
CREATE INDEX "resource_server_owner_id_idx" ON "resource_server"("owner_id");

-- AddForeignKey
ALTER TABLE "organization" ADD CONSTRAINT "organization_merged_into_id_fkey" FOREIGN KEY ("merged_into_id") REFERENCES "organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_role" ADD CONSTRAINT "person_role_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app" ADD CONSTRAINT "app_backup_owner_id_fkey" FOREIGN KEY ("backup_owner_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app" ADD CONSTRAINT "app_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "app_revision"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app_revision" ADD CONSTRAINT "app_revision_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app_revision" ADD CONSTRAINT "app_revision_logo_id_fkey" FOREIGN KEY ("logo_id") REFERENCES "logo"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_subprocessor" ADD CONSTRAINT "revision_subprocessor_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "app_revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_subprocessor" ADD CONSTRAINT "revision_subprocessor_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review" ADD CONSTRAINT "review_revision_id_fkey" FOREIGN KEY ("revision_id") REFERENCES "app_revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_decision" ADD CONSTRAINT "review_decision_review_id_fkey" FOREIGN KEY ("review_id") REFERENCES "review"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app_key" ADD CONSTRAINT "app_key_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "key_warning" ADD CONSTRAINT "key_warning_app_key_id_fkey" FOREIGN KEY ("app_key_id") REFERENCES "app_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app_change" ADD CONSTRAINT "app_change_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "app_transfer" ADD CONSTRAINT "app_transfer_app_id_fkey" FOREIGN KEY ("app_id") REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "domain_proof" ADD CONSTRAINT "domain_proof_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_server" ADD CONSTRAINT "resource_server_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_server" ADD CONSTRAINT "resource_server_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_server_secret" ADD CONSTRAINT "resource_server_secret_resource_server_id_fkey" FOREIGN KEY ("resource_server_id") REFERENCES "resource_server"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ehr" ADD CONSTRAINT "ehr_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ehr" ADD CONSTRAINT "ehr_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "staff_session" ADD CONSTRAINT "staff_session_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What apps were registered with becomes their first revision, and their credentials become keys.
INSERT INTO "app_revision" ("id", "app_id", "number", "created_at", "created_by", "name", "profile",
  "purpose_statement", "website_url", "policy_url", "redirect_uris", "application_type", "launch_uris",
  "post_logout_redirect_uris", "backchannel_logout_uri", "origins", "grant_types", "auth_method", "jwks_uri",
  "audiences", "scope_ceiling", "purposes", "max_consent_days")
SELECT gen_random_uuid()::text, "id", 1, "created_at", 'migration', "name", "profile", "purpose_statement",
  "website_url", "policy_url", "redirect_uris", "application_type", "launch_uris", "post_logout_redirect_uris",
  "backchannel_logout_uri", "origins", "grant_types", "auth_method", "jwks_uri", "audiences", "scope_ceiling",
  "purposes", "max_consent_days"
FROM "app";

UPDATE "app" a SET "revision_id" = v."id" FROM "app_revision" v WHERE v."app_id" = a."id";

INSERT INTO "app_key" ("id", "app_id", "kind", "kid", "thumbprint", "jwk", "created_at", "created_by", "ends_at")
SELECT gen_random_uuid()::text, k."app_id", 'jwk', k."jwk" ->> 'kid',
  -- RFC 7638 §3: the required members in lexicographic order, without white space.
  translate(encode(sha256(convert_to(CASE k."jwk" ->> 'kty'
    WHEN 'RSA' THEN format('{"e":"%s","kty":"RSA","n":"%s"}', k."jwk" ->> 'e', k."jwk" ->> 'n')
    ELSE format('{"crv":"%s","kty":"EC","x":"%s","y":"%s"}', k."jwk" ->> 'crv', k."jwk" ->> 'x', k."jwk" ->> 'y')
  END, 'UTF8')), 'base64'), '+/=', '-_'),
  k."jwk", now(), 'migration', now() + interval '365 days'
FROM (SELECT "id" AS "app_id", jsonb_array_elements("jwks" -> 'keys') AS "jwk" FROM "app"
  WHERE jsonb_typeof("jwks" -> 'keys') = 'array') k
ON CONFLICT DO NOTHING;

INSERT INTO "app_key" ("id", "app_id", "kind", "secret_hash", "created_at", "created_by", "ends_at")
SELECT gen_random_uuid()::text, "id", 'secret', "secret_hash", now(), 'migration', now() + interval '90 days'
FROM "app" WHERE "secret_hash" IS NOT NULL;

INSERT INTO "resource_server_secret" ("id", "resource_server_id", "secret_hash", "created_at", "created_by", "ends_at")
SELECT gen_random_uuid()::text, "id", "secret_hash", now(), 'migration', now() + interval '90 days'
FROM "resource_server";

-- Who had apps in production is admitted to it.
UPDATE "organization" SET "admitted_at" = "created_at";

ALTER TABLE "app" DROP COLUMN "application_type",
DROP COLUMN "audiences",
DROP COLUMN "auth_method",
DROP COLUMN "backchannel_logout_uri",
DROP COLUMN "grant_types",
DROP COLUMN "jwks",
DROP COLUMN "jwks_uri",
DROP COLUMN "launch_uris",
DROP COLUMN "max_consent_days",
DROP COLUMN "name",
DROP COLUMN "origins",
DROP COLUMN "policy_url",
DROP COLUMN "post_logout_redirect_uris",
DROP COLUMN "profile",
DROP COLUMN "purpose_statement",
DROP COLUMN "purposes",
DROP COLUMN "redirect_uris",
DROP COLUMN "scope_ceiling",
DROP COLUMN "secret_hash",
DROP COLUMN "website_url";

ALTER TABLE "resource_server" DROP COLUMN "secret_hash";

-- A passkey and an invitation are of a patient or of a person of an organization, never of both.
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_holder" CHECK (num_nonnulls("patient_id", "person_id") = 1);
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_holder" CHECK (num_nonnulls("patient_id", "person_id") = 1);

-- What was submitted for review is what was reviewed: a revision never changes.
CREATE FUNCTION app_revision_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is immutable', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER app_revision_immutable
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "app_revision"
  FOR EACH STATEMENT EXECUTE FUNCTION app_revision_is_immutable();

CREATE TRIGGER revision_subprocessor_immutable
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "revision_subprocessor"
  FOR EACH STATEMENT EXECUTE FUNCTION app_revision_is_immutable();
