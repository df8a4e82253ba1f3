-- Whose pause it is: only she ends it, or the patient whose record it is about. Null: of before that was kept.
ALTER TABLE "consent" ADD COLUMN "paused_by" TEXT;

-- Also for an instance of before, which resumes and knows nothing of whose pause it was.
CREATE FUNCTION "consent_pause_over"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."paused_by" := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER "consent_pause_over" BEFORE UPDATE OF "paused_at" ON "consent" FOR EACH ROW
  WHEN (NEW."paused_at" IS NULL AND NEW."paused_by" IS NOT NULL) EXECUTE FUNCTION "consent_pause_over"();

-- Told twice by one person while it is open, it is one; what another tells is another, and neither learns of the other.
DROP INDEX "finding_open_once";
CREATE UNIQUE INDEX "finding_open_once" ON "finding" ("kind", coalesce("app_id", ''), coalesce("patient_id", ''),
  coalesce("event", ''), "opened_by") WHERE "closed_at" IS NULL;
