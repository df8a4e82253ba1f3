-- When a patient was born, where it is known: the age rules of representation rest on it.
ALTER TABLE "patient" ADD COLUMN "birth_date" DATE;

-- Why, how far and on what evidence somebody may act for a patient, and who recorded it. What was recorded before tells
-- none of it: nobody's parent, guardian or caregiver gains anything by that.
ALTER TABLE "representation"
  ADD COLUMN "basis" TEXT NOT NULL DEFAULT 'minority',
  ADD COLUMN "scope" TEXT,
  ADD COLUMN "evidence" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN "recorded_by" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "first_id" TEXT,
  ADD COLUMN "ended_by" TEXT;
ALTER TABLE "representation" ADD CONSTRAINT "representation_first_id_fkey"
  FOREIGN KEY ("first_id") REFERENCES "representation" ("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "representation_first_id_idx" ON "representation" ("first_id");

-- Who the representative is at a FHIR base: RelatedPerson/<id> or Person/<id>, for this representation.
CREATE TABLE "representation_identity" (
  "representation_id" TEXT NOT NULL,
  "fhir_base_url" TEXT NOT NULL,
  "fhir_user" TEXT NOT NULL,
  CONSTRAINT "representation_identity_pkey" PRIMARY KEY ("representation_id", "fhir_base_url"),
  CONSTRAINT "representation_identity_representation_id_fkey" FOREIGN KEY ("representation_id")
    REFERENCES "representation" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "representation_identity_fhir_base_url_fkey" FOREIGN KEY ("fhir_base_url")
    REFERENCES "fhir_base" ("url") ON DELETE RESTRICT ON UPDATE CASCADE
);
