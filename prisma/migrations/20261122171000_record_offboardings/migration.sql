-- A resource server that is ended for good: it asks nothing any more, and nothing is issued for its FHIR bases.
ALTER TABLE "resource_server" ADD COLUMN "offboarded_at" TIMESTAMPTZ(3);
CREATE TRIGGER "resource_server_stays_offboarded" BEFORE UPDATE ON "resource_server" FOR EACH ROW
  WHEN (OLD."offboarded_at" IS NOT NULL AND (NEW."offboarded_at" IS DISTINCT FROM OLD."offboarded_at"
    OR NEW."suspended_at" IS NULL))
  EXECUTE FUNCTION "refuse_another"();

-- What ends with it is named by the URL of its base.
ALTER TABLE "cut_off" DROP CONSTRAINT "cut_off_kind";
ALTER TABLE "cut_off" ADD CONSTRAINT "cut_off_kind"
  CHECK ("kind" IN ('client', 'organization', 'owner', 'patient', 'purpose', 'key', 'audience'));
CREATE FUNCTION "signal_audience_cut_off"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "detail")
  VALUES ('session-revoked', 'cut_off.audience', ARRAY[NEW."subject_id"], ARRAY(
    SELECT DISTINCT "app_id" FROM "app_revision" WHERE NEW."subject_id" = ANY ("audiences") ORDER BY "app_id"),
    jsonb_build_object('because', NEW."cause", 'audience', NEW."subject_id"));
  RETURN NULL;
END $$;
DROP TRIGGER "signal_cut_off" ON "cut_off";
CREATE TRIGGER "signal_cut_off" AFTER INSERT ON "cut_off"
  FOR EACH ROW WHEN (NEW."kind" <> 'audience') EXECUTE FUNCTION "signal_cut_off"();
CREATE TRIGGER "signal_audience_cut_off" AFTER INSERT ON "cut_off"
  FOR EACH ROW WHEN (NEW."kind" = 'audience') EXECUTE FUNCTION "signal_audience_cut_off"();

-- An offboarding: who ended what, when and why; how far its proof is; and the receipt at the end.
CREATE TABLE "offboarding" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "subject_name" TEXT NOT NULL,
    "organization_id" TEXT,
    "by" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "clock" BIGINT NOT NULL,
    "xid" BIGINT NOT NULL DEFAULT audit_event_xid(),
    "app_ids" TEXT[],
    "acting_ids" TEXT[],
    "audiences" TEXT[],
    "before" JSONB,
    "total" INTEGER,
    "checked" INTEGER NOT NULL DEFAULT 0,
    "active" INTEGER NOT NULL DEFAULT 0,
    "cursor_slot" SMALLINT,
    "cursor_id" UUID,
    "verified_at" TIMESTAMPTZ(3),
    "receipt" TEXT,
    "receipt_at" TIMESTAMPTZ(3),

    CONSTRAINT "offboarding_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "offboarding_at_id_idx" ON "offboarding"("at", "id");
CREATE INDEX "offboarding_organization_id_at_idx" ON "offboarding"("organization_id", "at");
CREATE INDEX "offboarding_without_receipt" ON "offboarding" ("at") WHERE "receipt_at" IS NULL;
ALTER TABLE "offboarding" ADD CONSTRAINT "offboarding_kind"
  CHECK ("kind" IN ('app', 'person', 'organization', 'resource_server'));
ALTER TABLE "offboarding" ADD CONSTRAINT "offboarding_receipt" CHECK (("receipt" IS NULL) = ("receipt_at" IS NULL));
-- What was done stays as it was, and so does all of it once the receipt is there.
CREATE TRIGGER "offboarding_stays" BEFORE UPDATE ON "offboarding" FOR EACH ROW
  WHEN (OLD."receipt_at" IS NOT NULL
    OR (NEW."id", NEW."kind", NEW."subject_id", NEW."subject_name", NEW."by", NEW."via", NEW."reason", NEW."at", NEW."clock")
      IS DISTINCT FROM
      (OLD."id", OLD."kind", OLD."subject_id", OLD."subject_name", OLD."by", OLD."via", OLD."reason", OLD."at", OLD."clock")
    OR NEW."organization_id" IS DISTINCT FROM OLD."organization_id"
    OR NEW."app_ids" IS DISTINCT FROM OLD."app_ids" OR NEW."acting_ids" IS DISTINCT FROM OLD."acting_ids"
    OR NEW."audiences" IS DISTINCT FROM OLD."audiences"
    OR (OLD."before" IS NOT NULL AND (NEW."before", NEW."total") IS DISTINCT FROM (OLD."before", OLD."total")))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "offboarding_is_kept" BEFORE DELETE ON "offboarding" FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

-- The tokens that were live at the cut, until introspection was asked about all of them.
CREATE TABLE "offboarded_token" (
    "offboarding_id" TEXT NOT NULL,
    "slot" SMALLINT NOT NULL,
    "token_id" UUID NOT NULL,

    CONSTRAINT "offboarded_token_pkey" PRIMARY KEY ("offboarding_id","slot","token_id")
);
