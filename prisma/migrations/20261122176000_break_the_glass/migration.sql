-- Access to one patient's record in an emergency, or for support: asked for, granted for an hour at most, reviewed.
CREATE TABLE "break_glass" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "app_id" TEXT,
    "organization_id" TEXT,
    "patient_id" TEXT NOT NULL,
    "audience" TEXT,
    "fhir_id" TEXT,
    "scope" TEXT,
    "purpose" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "ticket" TEXT NOT NULL,
    "who" TEXT NOT NULL,
    "minutes" INTEGER NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "requested_by" TEXT NOT NULL,
    "lapses_at" TIMESTAMPTZ(3) NOT NULL,
    "approved_by" TEXT,
    "denied_at" TIMESTAMPTZ(3),
    "denied_by" TEXT,
    "deny_reason" TEXT,
    "starts_at" TIMESTAMPTZ(3),
    "ends_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "review_due_at" TIMESTAMPTZ(3),
    "reviewed_at" TIMESTAMPTZ(3),
    "reviewed_by" TEXT,
    "outcome" TEXT,
    "review_note" TEXT,
    "overdue_at" TIMESTAMPTZ(3),

    CONSTRAINT "break_glass_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "break_glass_requested_at_id_idx" ON "break_glass"("requested_at", "id");
CREATE INDEX "break_glass_organization_id_requested_at_id_idx" ON "break_glass"("organization_id", "requested_at", "id");
CREATE INDEX "break_glass_patient_id_starts_at_idx" ON "break_glass"("patient_id", "starts_at");
CREATE INDEX "break_glass_app_id_requested_at_idx" ON "break_glass"("app_id", "requested_at");
CREATE INDEX "break_glass_unreviewed" ON "break_glass" ("review_due_at")
  WHERE "review_due_at" IS NOT NULL AND "reviewed_at" IS NULL AND "overdue_at" IS NULL;
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
-- Emergency purposes for treatment, and none of them for support, which reads nothing at a FHIR server.
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_kind" CHECK (
  ("kind" = 'treatment' AND "purpose" IN ('ETREAT', 'BTG') AND "app_id" IS NOT NULL AND "organization_id" IS NOT NULL
    AND "audience" IS NOT NULL AND "fhir_id" IS NOT NULL AND "scope" IS NOT NULL)
  OR ("kind" = 'support' AND "purpose" = 'HSYSADMIN' AND "app_id" IS NULL AND "audience" IS NULL AND "fhir_id" IS NULL
    AND "scope" IS NULL));
-- Whatever a process takes the time for.
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_at_most_an_hour" CHECK (
  "minutes" BETWEEN 1 AND 60 AND ("starts_at" IS NULL) = ("ends_at" IS NULL)
  AND "ends_at" <= "starts_at" + interval '60 minutes');
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_approved_by_another" CHECK ("approved_by" <> "requested_by");
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_approved_or_reviewed" CHECK (
  "starts_at" IS NULL OR ("approved_by" IS NULL) = ("review_due_at" IS NOT NULL));
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_denied" CHECK (
  ("denied_at" IS NULL) = ("denied_by" IS NULL) AND ("denied_at" IS NULL) = ("deny_reason" IS NULL)
  AND ("denied_at" IS NULL OR "starts_at" IS NULL));
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_ended" CHECK (
  ("ended_at" IS NULL) = ("ended_by" IS NULL) AND ("ended_at" IS NULL OR "starts_at" IS NOT NULL));
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_reviewed" CHECK (
  ("reviewed_at" IS NULL) = ("reviewed_by" IS NULL) AND ("reviewed_at" IS NULL) = ("outcome" IS NULL)
  AND ("reviewed_at" IS NULL) = ("review_note" IS NULL) AND "outcome" IN ('justified', 'not_justified')
  AND "reviewed_by" <> "requested_by"
  AND ("reviewed_at" IS NULL OR ("starts_at" IS NOT NULL AND "reviewed_at" >= LEAST("ends_at", "ended_at"))));

-- What was asked for stays; each fact is added once.
CREATE TRIGGER "break_glass_stays" BEFORE UPDATE ON "break_glass" FOR EACH ROW WHEN (
  (NEW."id", NEW."kind", NEW."app_id", NEW."organization_id", NEW."patient_id", NEW."audience", NEW."fhir_id", NEW."scope",
    NEW."purpose", NEW."reason", NEW."ticket", NEW."who", NEW."minutes", NEW."requested_at", NEW."requested_by", NEW."lapses_at")
  IS DISTINCT FROM
  (OLD."id", OLD."kind", OLD."app_id", OLD."organization_id", OLD."patient_id", OLD."audience", OLD."fhir_id", OLD."scope",
    OLD."purpose", OLD."reason", OLD."ticket", OLD."who", OLD."minutes", OLD."requested_at", OLD."requested_by", OLD."lapses_at")
  OR (OLD."starts_at" IS NOT NULL AND (NEW."approved_by", NEW."starts_at", NEW."ends_at", NEW."review_due_at")
    IS DISTINCT FROM (OLD."approved_by", OLD."starts_at", OLD."ends_at", OLD."review_due_at"))
  OR (OLD."denied_at" IS NOT NULL AND NEW."denied_at" IS DISTINCT FROM OLD."denied_at")
  OR (OLD."ended_at" IS NOT NULL AND (NEW."ended_at", NEW."ended_by") IS DISTINCT FROM (OLD."ended_at", OLD."ended_by"))
  OR (OLD."reviewed_at" IS NOT NULL AND (NEW."reviewed_at", NEW."reviewed_by", NEW."outcome", NEW."review_note")
    IS DISTINCT FROM (OLD."reviewed_at", OLD."reviewed_by", OLD."outcome", OLD."review_note")))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "break_glass_is_kept" BEFORE DELETE ON "break_glass" FOR EACH ROW EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "break_glass_not_emptied" BEFORE TRUNCATE ON "break_glass"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_another"();
