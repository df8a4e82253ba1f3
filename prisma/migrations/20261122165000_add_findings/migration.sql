-- What somebody found that must be looked into, such as an access that a patient says was not hers to give.
CREATE TABLE "finding" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "app_id" TEXT,
    "patient_id" TEXT,
    "event" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "opened_by" TEXT NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "closed_by" TEXT,
    "close_reason" TEXT,

    CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "finding_closed_at_opened_at_id_idx" ON "finding"("closed_at", "opened_at", "id");
CREATE INDEX "finding_app_id_opened_at_idx" ON "finding"("app_id", "opened_at");
CREATE INDEX "finding_patient_id_opened_at_idx" ON "finding"("patient_id", "opened_at");
ALTER TABLE "finding" ADD CONSTRAINT "finding_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "finding" ADD CONSTRAINT "finding_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "finding" ADD CONSTRAINT "finding_closed_by_someone"
  CHECK (("closed_at" IS NULL) = ("closed_by" IS NULL) AND ("closed_at" IS NULL) = ("close_reason" IS NULL));
-- Told twice while it is open, it is one.
CREATE UNIQUE INDEX "finding_open_once" ON "finding" ("kind", coalesce("app_id", ''), coalesce("patient_id", ''),
  coalesce("event", '')) WHERE "closed_at" IS NULL;
-- It is closed once; what was opened stays as it was.
CREATE TRIGGER "finding_stays" BEFORE UPDATE ON "finding" FOR EACH ROW
  WHEN (OLD."closed_at" IS NOT NULL OR (NEW."id", NEW."kind", NEW."opened_at", NEW."opened_by", NEW."detail")
    IS DISTINCT FROM (OLD."id", OLD."kind", OLD."opened_at", OLD."opened_by", OLD."detail")
    OR (NEW."app_id", NEW."patient_id", NEW."event") IS DISTINCT FROM (OLD."app_id", OLD."patient_id", OLD."event"))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "finding_is_kept" BEFORE DELETE ON "finding" FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

-- Whom a patient shared with, by the name that she read, and what was said about the app: receipts rest on it. What was
-- decided before knows neither.
ALTER TABLE "consent" ADD COLUMN "revision_id" TEXT;
ALTER TABLE "consent" ADD COLUMN "recipient_name" TEXT;
CREATE TRIGGER "consent_keeps_recipient" BEFORE UPDATE ON "consent" FOR EACH ROW
  WHEN ((NEW."revision_id", NEW."recipient_name") IS DISTINCT FROM (OLD."revision_id", OLD."recipient_name"))
  EXECUTE FUNCTION "refuse_another"();
