-- Who patients proved to be at identity providers, how surely, and which passkeys that carries over to.
CREATE TABLE "patient_demographics" (
    "patient_id" TEXT NOT NULL,
    "given_name" TEXT NOT NULL,
    "family_name" TEXT NOT NULL,
    "birth_date" DATE NOT NULL,
    "postal_code" TEXT,
    "phone" TEXT,
    "email" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL,

    CONSTRAINT "patient_demographics_pkey" PRIMARY KEY ("patient_id")
);
CREATE INDEX "patient_demographics_birth_date_family_name_idx" ON "patient_demographics"("birth_date", "family_name");
ALTER TABLE "patient_demographics" ADD CONSTRAINT "patient_demographics_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "identity_subject" (
    "issuer" TEXT NOT NULL,
    "subject_hash" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "bound_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identity_subject_pkey" PRIMARY KEY ("issuer","subject_hash")
);
CREATE INDEX "identity_subject_patient_id_idx" ON "identity_subject"("patient_id");
ALTER TABLE "identity_subject" ADD CONSTRAINT "identity_subject_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "identity_proofing" (
    "id" TEXT NOT NULL,
    "patient_id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject_hash" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "acr" TEXT,
    "evidence_class" TEXT NOT NULL,
    "authenticated_at" TIMESTAMPTZ(3),
    "proofed_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "identity_proofing_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "identity_proofing_patient_id_idx" ON "identity_proofing"("patient_id");
ALTER TABLE "identity_proofing" ADD CONSTRAINT "identity_proofing_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "identity_proofing" ADD CONSTRAINT "identity_proofing_level" CHECK ("level" IN ('IAL1', 'IAL2'));

CREATE TABLE "passkey_proofing" (
    "passkey_id" TEXT NOT NULL,
    "proofing_id" TEXT NOT NULL,
    "bound_by" TEXT NOT NULL,
    "bound_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "passkey_proofing_pkey" PRIMARY KEY ("passkey_id")
);
CREATE INDEX "passkey_proofing_proofing_id_idx" ON "passkey_proofing"("proofing_id");
ALTER TABLE "passkey_proofing" ADD CONSTRAINT "passkey_proofing_passkey_id_fkey" FOREIGN KEY ("passkey_id")
  REFERENCES "passkey"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "passkey_proofing" ADD CONSTRAINT "passkey_proofing_proofing_id_fkey" FOREIGN KEY ("proofing_id")
  REFERENCES "identity_proofing"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "passkey_proofing" ADD CONSTRAINT "passkey_proofing_bound_by"
  CHECK ("bound_by" IN ('enrolment', 'step_up', 'recovery', 'passkey'));

CREATE TABLE "proofing_attempt" (
    "id" TEXT NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "patient_id" TEXT,
    "next" TEXT NOT NULL,
    "provider_id" TEXT,
    "state_hash" TEXT,
    "nonce" TEXT,
    "code_verifier" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "called_back_at" TIMESTAMPTZ(3),
    "proofing_id" TEXT,
    "proofed_at" TIMESTAMPTZ(3),
    "taken_at" TIMESTAMPTZ(3),

    CONSTRAINT "proofing_attempt_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "proofing_attempt_state_hash_key" ON "proofing_attempt"("state_hash");
CREATE INDEX "proofing_attempt_browser_hash_idx" ON "proofing_attempt"("browser_hash");
CREATE INDEX "proofing_attempt_expires_at_idx" ON "proofing_attempt"("expires_at");
