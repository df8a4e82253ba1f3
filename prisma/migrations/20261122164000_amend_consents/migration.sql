-- What a patient decides later about what she agreed to: paused, or amended. The decision itself stays as it was; beside
-- it stands what holds now, which every check reads with it.
ALTER TABLE "consent" ADD COLUMN "wording" TEXT;
ALTER TABLE "consent" ADD COLUMN "paused_at" TIMESTAMPTZ(3);
ALTER TABLE "consent" ADD COLUMN "live_scope" TEXT;
ALTER TABLE "consent" ADD COLUMN "live_until" TIMESTAMPTZ(3);
UPDATE "consent" SET "live_until" = "expires_at";

-- Also for an instance of before, which knows nothing of amendments.
CREATE FUNCTION "consent_live_until"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."live_until" := coalesce(NEW."live_until", NEW."expires_at");
  RETURN NEW;
END $$;
CREATE TRIGGER "consent_live_until" BEFORE INSERT ON "consent" FOR EACH ROW EXECUTE FUNCTION "consent_live_until"();

CREATE TRIGGER "consent_keeps_scope" BEFORE UPDATE ON "consent"
  FOR EACH ROW WHEN ((NEW."account_id", NEW."app_id", NEW."requested_scope", NEW."granted_scope", NEW."choices")
    <> (OLD."account_id", OLD."app_id", OLD."requested_scope", OLD."granted_scope", OLD."choices")
    OR NEW."wording" IS DISTINCT FROM OLD."wording") EXECUTE FUNCTION "refuse_another"();

CREATE TABLE "consent_amendment" (
    "number" INTEGER NOT NULL,
    "grant_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "choices" TEXT[],
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "amended_at" TIMESTAMPTZ(3) NOT NULL,
    "locale" TEXT NOT NULL,
    "wording" TEXT NOT NULL,

    CONSTRAINT "consent_amendment_pkey" PRIMARY KEY ("grant_id","number")
);
ALTER TABLE "consent_amendment" ADD CONSTRAINT "consent_amendment_grant_id_fkey" FOREIGN KEY ("grant_id")
  REFERENCES "consent"("grant_id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE TRIGGER "consent_amendment_stays" BEFORE UPDATE ON "consent_amendment"
  FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

CREATE FUNCTION "signal_consent_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  pauses boolean := OLD."paused_at" IS NULL AND NEW."paused_at" IS NOT NULL;
  resumes boolean := OLD."paused_at" IS NOT NULL AND NEW."paused_at" IS NULL;
BEGIN
  IF NEW."withdrawn_at" IS NOT NULL THEN RETURN NULL; END IF;
  IF pauses OR resumes THEN
    INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "patient_id", "grant_id", "purpose",
      "detail")
    VALUES (CASE WHEN pauses THEN 'session-revoked' ELSE 'token-claims-change' END,
      CASE WHEN pauses THEN 'consent.paused' ELSE 'consent.resumed' END, ARRAY[NEW."audience"], ARRAY[NEW."app_id"],
      NEW."account_id", NEW."patient_id", NEW."grant_id", NEW."purpose",
      CASE WHEN pauses THEN '{}'::jsonb ELSE jsonb_build_object('claims', jsonb_build_object('active', true)) END);
  END IF;
  IF coalesce(NEW."live_scope", NEW."granted_scope") <> coalesce(OLD."live_scope", OLD."granted_scope")
    OR NEW."live_until" < OLD."live_until" THEN
    INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "patient_id", "grant_id", "purpose",
      "detail")
    VALUES ('token-claims-change', 'consent.amended', ARRAY[NEW."audience"], ARRAY[NEW."app_id"], NEW."account_id",
      NEW."patient_id", NEW."grant_id", NEW."purpose", jsonb_build_object('claims',
        jsonb_build_object('scope', coalesce(NEW."live_scope", NEW."granted_scope"))));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_consent_changed" AFTER UPDATE OF "paused_at", "live_scope", "live_until" ON "consent"
  FOR EACH ROW EXECUTE FUNCTION "signal_consent_changed"();

-- As before; what stands is judged by the end that holds now.
CREATE OR REPLACE FUNCTION "signal_cut_off"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids", "organization_id", "owner_id", "patient_id", "account_id", "key_id",
    "purpose", "detail")
  VALUES ('session-revoked', 'cut_off.' || NEW."kind",
    CASE NEW."kind"
      WHEN 'client' THEN ARRAY[NEW."subject_id"]
      WHEN 'organization' THEN ARRAY(SELECT "id" FROM "app" WHERE "organization_id" = NEW."subject_id" ORDER BY "id")
      WHEN 'owner' THEN ARRAY(SELECT "id" FROM "app" WHERE "owner_id" = NEW."subject_id" ORDER BY "id")
      WHEN 'key' THEN ARRAY(SELECT "app_id" FROM "app_key" WHERE "id" = NEW."subject_id")
    END,
    CASE WHEN NEW."kind" = 'organization' THEN NEW."subject_id" END,
    CASE WHEN NEW."kind" = 'owner' THEN NEW."subject_id" END,
    CASE WHEN NEW."kind" = 'patient' THEN NEW."subject_id" END,
    CASE WHEN NEW."kind" = 'patient' THEN NEW."subject_id" END,
    CASE WHEN NEW."kind" = 'key' THEN NEW."subject_id" END,
    CASE WHEN NEW."kind" = 'purpose' THEN NEW."subject_id" END,
    jsonb_build_object('because', NEW."cause"));
  -- Of an app, an organization or an owner those hear who answer for it; of these two nobody would.
  IF NEW."grants_before" IS NOT NULL AND NEW."kind" = 'patient' THEN
    INSERT INTO "outbox_message" ("id", "channel", "destination", "content")
    SELECT 'grant-ended-' || d."grant_id", 'webhook', d."organization_id", jsonb_build_object('type', 'grant.ended',
      'organizationId', d."organization_id", 'appId', d."app_id", 'values', jsonb_build_object('grantId', d."grant_id",
      'grantedAt', to_char(d."decided_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'reason', 'network'))
    FROM "consent" d JOIN "organization" o ON o."id" = d."organization_id"
    WHERE (d."patient_id" = NEW."subject_id" OR d."account_id" = NEW."subject_id") AND d."withdrawn_at" IS NULL
      AND d."live_until" > now() AND d."clock" < NEW."grants_before"
      AND o."webhook_url" IS NOT NULL AND o."sealed_webhook_secret" IS NOT NULL
    -- In the order of those who end grants: nobody waits in a circle.
    ORDER BY d."grant_id" COLLATE "C"
    ON CONFLICT DO NOTHING;
  ELSIF NEW."grants_before" IS NOT NULL AND NEW."kind" = 'purpose' THEN
    INSERT INTO "outbox_message" ("id", "channel", "destination", "content")
    SELECT gen_random_uuid()::text, 'webhook', a."organization_id", jsonb_build_object('type', 'grant.ended',
      'organizationId', a."organization_id", 'appId', a."id", 'values', jsonb_build_object('purpose', NEW."subject_id",
      'reason', 'network'))
    FROM "app" a JOIN "app_revision" r ON r."id" = a."revision_id" JOIN "organization" o ON o."id" = a."organization_id"
    WHERE NEW."subject_id" = ANY (r."purposes") AND a."offboarded_at" IS NULL
      AND o."webhook_url" IS NOT NULL AND o."sealed_webhook_secret" IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;
