-- Owners confirm, app by app, what their access rests on: against a snapshot that was frozen when they were asked.
CREATE TABLE "attestation_campaign" (
    "id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "selection" JSONB NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "opened_by" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "warn_days" INTEGER[],
    "on_silence" TEXT NOT NULL,
    "unused_days" INTEGER NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "closed_by" TEXT,
    "close_reason" TEXT,

    CONSTRAINT "attestation_campaign_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "attestation_campaign_closed_at_due_at_id_idx" ON "attestation_campaign"("closed_at", "due_at", "id");
ALTER TABLE "attestation_campaign" ADD CONSTRAINT "attestation_campaign_closed_by_someone"
  CHECK (("closed_at" IS NULL) = ("closed_by" IS NULL) AND ("closed_at" IS NULL) = ("close_reason" IS NULL));

CREATE TABLE "campaign_app" (
    "campaign_id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "silent_at" TIMESTAMPTZ(3),
    "silence" TEXT,

    CONSTRAINT "campaign_app_pkey" PRIMARY KEY ("campaign_id","app_id")
);
CREATE INDEX "campaign_app_app_id_idx" ON "campaign_app"("app_id");
ALTER TABLE "campaign_app" ADD CONSTRAINT "campaign_app_silence_is_whole"
  CHECK (("silent_at" IS NULL) = ("silence" IS NULL));

CREATE TABLE "campaign_snapshot" (
    "id" TEXT NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,
    "taken_by" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "facts" JSONB NOT NULL,

    CONSTRAINT "campaign_snapshot_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "campaign_snapshot_campaign_id_app_id_number_key" ON "campaign_snapshot"("campaign_id", "app_id", "number");

CREATE TABLE "campaign_warning" (
    "campaign_id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "days_before" INTEGER NOT NULL,
    "warned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "campaign_warning_pkey" PRIMARY KEY ("campaign_id","app_id","days_before")
);

CREATE TABLE "attestation" (
    "id" TEXT NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "snapshot_id" TEXT NOT NULL,
    "snapshot_hash" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "confirmed" TEXT[],
    "given_up_scopes" TEXT[],
    "note" TEXT,
    "attested_at" TIMESTAMPTZ(3) NOT NULL,
    "attested_by" TEXT NOT NULL,
    "verified_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attestation_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "attestation_campaign_id_app_id_key" ON "attestation"("campaign_id", "app_id");
CREATE INDEX "attestation_app_id_attested_at_idx" ON "attestation"("app_id", "attested_at");

ALTER TABLE "campaign_app" ADD CONSTRAINT "campaign_app_campaign_id_fkey" FOREIGN KEY ("campaign_id")
  REFERENCES "attestation_campaign"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "campaign_app" ADD CONSTRAINT "campaign_app_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "campaign_snapshot" ADD CONSTRAINT "campaign_snapshot_campaign_id_app_id_fkey"
  FOREIGN KEY ("campaign_id", "app_id") REFERENCES "campaign_app"("campaign_id", "app_id")
  ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "campaign_warning" ADD CONSTRAINT "campaign_warning_campaign_id_app_id_fkey"
  FOREIGN KEY ("campaign_id", "app_id") REFERENCES "campaign_app"("campaign_id", "app_id")
  ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "attestation" ADD CONSTRAINT "attestation_campaign_id_app_id_fkey"
  FOREIGN KEY ("campaign_id", "app_id") REFERENCES "campaign_app"("campaign_id", "app_id")
  ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "attestation" ADD CONSTRAINT "attestation_snapshot_id_fkey" FOREIGN KEY ("snapshot_id")
  REFERENCES "campaign_snapshot"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What was asked stays as it was asked: a campaign is closed once, an app falls silent once.
CREATE TRIGGER "attestation_campaign_stays" BEFORE UPDATE ON "attestation_campaign" FOR EACH ROW
  WHEN (OLD."closed_at" IS NOT NULL OR (NEW."id", NEW."reason", NEW."selection", NEW."opened_at", NEW."opened_by")
    IS DISTINCT FROM (OLD."id", OLD."reason", OLD."selection", OLD."opened_at", OLD."opened_by")
    OR (NEW."due_at", NEW."warn_days", NEW."on_silence", NEW."unused_days")
    IS DISTINCT FROM (OLD."due_at", OLD."warn_days", OLD."on_silence", OLD."unused_days"))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "attestation_campaign_is_kept" BEFORE DELETE ON "attestation_campaign" FOR EACH ROW
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "campaign_app_stays" BEFORE UPDATE ON "campaign_app" FOR EACH ROW
  WHEN (OLD."silent_at" IS NOT NULL
    OR (NEW."campaign_id", NEW."app_id") IS DISTINCT FROM (OLD."campaign_id", OLD."app_id"))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "campaign_app_is_kept" BEFORE DELETE ON "campaign_app" FOR EACH ROW
  EXECUTE FUNCTION "refuse_another"();
-- A snapshot and what was said of it never change.
CREATE TRIGGER "campaign_snapshot_stays" BEFORE UPDATE OR DELETE ON "campaign_snapshot" FOR EACH ROW
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "campaign_warning_stays" BEFORE UPDATE OR DELETE ON "campaign_warning" FOR EACH ROW
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "attestation_stays" BEFORE UPDATE OR DELETE ON "attestation" FOR EACH ROW
  EXECUTE FUNCTION "refuse_another"();
