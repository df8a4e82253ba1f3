-- How a patient comes back without a passkey, and where and in which language she is told what happens.
ALTER TABLE "patient" ADD COLUMN "locale" TEXT;
ALTER TABLE "patient" ADD COLUMN "muted_notices" TEXT[] DEFAULT ARRAY[]::TEXT[];
ALTER TABLE "patient" ADD COLUMN "recovered_at" TIMESTAMPTZ(3);
ALTER TABLE "patient" ADD CONSTRAINT "patient_muted_notices" CHECK ("muted_notices" <@ ARRAY['apps', 'reminders']);

CREATE TABLE "patient_address" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "confirm_by" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "confirmed_at" TIMESTAMPTZ(3),
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "patient_address_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "patient_address_patient_id_idx" ON "patient_address"("patient_id");
CREATE UNIQUE INDEX "patient_address_once" ON "patient_address" ("patient_id", lower("address")) WHERE "removed_at" IS NULL;
ALTER TABLE "patient_address" ADD CONSTRAINT "patient_address_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "patient_notice" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "values" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "patient_notice_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "patient_notice_patient_id_created_at_idx" ON "patient_notice"("patient_id", "created_at");
CREATE INDEX "patient_notice_created_at_idx" ON "patient_notice"("created_at");
ALTER TABLE "patient_notice" ADD CONSTRAINT "patient_notice_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "consent_reminder" (
    "consent_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "reminded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "consent_reminder_pkey" PRIMARY KEY ("consent_id","kind","ends_at")
);
ALTER TABLE "consent_reminder" ADD CONSTRAINT "consent_reminder_consent_id_fkey" FOREIGN KEY ("consent_id")
  REFERENCES "consent"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "consent_reminder" ADD CONSTRAINT "consent_reminder_kind" CHECK ("kind" IN ('ends_soon', 'expired'));

CREATE TABLE "recovery_code" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "code_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "superseded_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "recovery_code_patient_id_idx" ON "recovery_code"("patient_id");
ALTER TABLE "recovery_code" ADD CONSTRAINT "recovery_code_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "recovery_approval" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "evidence" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "superseded_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_approval_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "recovery_approval_patient_id_idx" ON "recovery_approval"("patient_id");
ALTER TABLE "recovery_approval" ADD CONSTRAINT "recovery_approval_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "recovery" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT,
    "code_id" TEXT,
    "approval_id" TEXT,
    "browser_hash" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "proofed_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "refused_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "recovery_browser_hash_idx" ON "recovery"("browser_hash");
CREATE INDEX "recovery_expires_at_idx" ON "recovery"("expires_at");
-- Nobody gets as far as a new passkey without a code of her own.
ALTER TABLE "recovery" ADD CONSTRAINT "recovery_proofed"
  CHECK ("proofed_at" IS NULL OR ("patient_id" IS NOT NULL AND "code_id" IS NOT NULL));
-- One code, one way back.
CREATE UNIQUE INDEX "recovery_code_id" ON "recovery" ("code_id");

CREATE TABLE "try_count" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "subject" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "try_count_pkey" PRIMARY KEY ("hour","subject")
);
