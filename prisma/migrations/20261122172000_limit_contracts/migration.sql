-- What a contract says beside its period: the signed document, subprocessors, and limits that bind its apps. A renewal is
-- a contract of its own, which begins by itself unless the data flow changed: then a reviewer approves it first.
ALTER TABLE "contract" ADD COLUMN "document_hash" TEXT CHECK ("document_hash" ~ '^[0-9a-f]{64}$'),
  ADD COLUMN "subprocessors" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "limits" JSONB,
  ADD COLUMN "renews_id" TEXT,
  ADD COLUMN "renewed_by" TEXT,
  ADD COLUMN "approval_needed" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "approved_at" TIMESTAMPTZ(3),
  ADD COLUMN "approved_by" TEXT;
CREATE UNIQUE INDEX "contract_renews_id_key" ON "contract"("renews_id");
CREATE INDEX "contract_ends_at_idx" ON "contract"("ends_at");
ALTER TABLE "contract" ADD CONSTRAINT "contract_renews_id_fkey" FOREIGN KEY ("renews_id")
  REFERENCES "contract"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "contract" ADD CONSTRAINT "contract_approved_by_someone"
  CHECK (("approved_at" IS NULL) = ("approved_by" IS NULL));
-- Which contract it renews is said once.
CREATE TRIGGER "contract_keeps_origin" BEFORE UPDATE ON "contract" FOR EACH ROW
  WHEN ((NEW."id", NEW."organization_id", NEW."renews_id", NEW."renewed_by")
    IS DISTINCT FROM (OLD."id", OLD."organization_id", OLD."renews_id", OLD."renewed_by"))
  EXECUTE FUNCTION "refuse_another"();
-- A renewal is remembered with the apps of the contract that it renews.
CREATE CONSTRAINT TRIGGER "registry_version_insert" AFTER INSERT ON "contract"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."renews_id" IS NOT NULL)
  EXECUTE FUNCTION "change_registry_version"();

CREATE TABLE "contract_terms" (
    "contract_id" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "recorded_by" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "document_hash" TEXT,
    "subprocessors" TEXT[],
    "limits" JSONB,
    "revisions" JSONB NOT NULL,
    "agreed" BOOLEAN NOT NULL,

    CONSTRAINT "contract_terms_pkey" PRIMARY KEY ("contract_id","n")
);
ALTER TABLE "contract_terms" ADD CONSTRAINT "contract_terms_contract_id_fkey" FOREIGN KEY ("contract_id")
  REFERENCES "contract"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE TRIGGER "contract_terms_stay" BEFORE UPDATE OR DELETE ON "contract_terms"
  FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

CREATE TABLE "contract_warning" (
    "contract_id" TEXT NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "days_before" INTEGER NOT NULL,
    "warned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contract_warning_pkey" PRIMARY KEY ("contract_id","ends_at","days_before")
);
ALTER TABLE "contract_warning" ADD CONSTRAINT "contract_warning_contract_id_fkey" FOREIGN KEY ("contract_id")
  REFERENCES "contract"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Whoever changes terms, and by whatever way: what they were stays, with who changed them where that is told.
CREATE FUNCTION "keep_contract_terms"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "contract_terms" ("contract_id", "n", "recorded_by", "reference", "starts_at", "ends_at", "document_hash",
      "subprocessors", "limits", "revisions", "agreed")
    SELECT NEW."id", 1 + coalesce((SELECT max(t."n") FROM "contract_terms" t WHERE t."contract_id" = NEW."id"), 0),
      coalesce(nullif(current_setting('postern.actor', true), ''), 'database'), NEW."reference", NEW."starts_at",
      NEW."ends_at", NEW."document_hash", NEW."subprocessors", NEW."limits",
      (SELECT coalesce(jsonb_object_agg(a."id", a."revision_id"), '{}') FROM "app" a
        WHERE a."contract_id" IN (NEW."id", NEW."renews_id") AND a."offboarded_at" IS NULL),
      TG_OP = 'INSERT' OR NEW."approved_at" IS NOT NULL AND NEW."approved_at" IS DISTINCT FROM OLD."approved_at";
  RETURN NULL;
END $$;
CREATE TRIGGER "contract_terms_kept_insert" AFTER INSERT ON "contract"
  FOR EACH ROW EXECUTE FUNCTION "keep_contract_terms"();
CREATE TRIGGER "contract_terms_kept_update" AFTER UPDATE ON "contract" FOR EACH ROW
  WHEN ((NEW."reference", NEW."starts_at", NEW."ends_at", NEW."document_hash", NEW."subprocessors", NEW."limits",
      NEW."approved_at")
    IS DISTINCT FROM (OLD."reference", OLD."starts_at", OLD."ends_at", OLD."document_hash", OLD."subprocessors", OLD."limits",
      OLD."approved_at"))
  EXECUTE FUNCTION "keep_contract_terms"();
INSERT INTO "contract_terms" ("contract_id", "n", "recorded_at", "recorded_by", "reference", "starts_at", "ends_at",
    "subprocessors", "revisions", "agreed")
  SELECT c."id", 1, c."created_at", 'migration', c."reference", c."starts_at", c."ends_at", c."subprocessors",
    (SELECT coalesce(jsonb_object_agg(a."id", a."revision_id"), '{}') FROM "app" a
      WHERE a."contract_id" = c."id" AND a."offboarded_at" IS NULL), true
  FROM "contract" c;

-- A renewal that has not begun was agreed for the apps as they were: of another revision, or of one that came later, it waits
-- for an approval. Of a contract that is renewed at this moment one of the two waits for the other.
CREATE FUNCTION "renewal_waits_for_apps"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "contract" WHERE "id" = NEW."contract_id" FOR SHARE;
  UPDATE "contract" f SET "approved_at" = NULL, "approved_by" = NULL,
    "approval_needed" = array_append(array_remove(f."approval_needed", 'apps_changed'), 'apps_changed')
  WHERE f."renews_id" = NEW."contract_id" AND f."starts_at" > now()
    AND (f."approved_at" IS NOT NULL OR NOT 'apps_changed' = ANY (f."approval_needed"))
    AND NEW."revision_id" IS DISTINCT FROM coalesce(
      (SELECT t."revisions"->>NEW."id" FROM "contract_terms" t
        WHERE t."contract_id" = f."id" AND t."agreed" AND f."approved_at" IS NOT NULL ORDER BY t."n" DESC LIMIT 1),
      (SELECT t."revisions"->>NEW."id" FROM "contract_terms" t
        WHERE t."contract_id" = NEW."contract_id" AND t."agreed" ORDER BY t."n" DESC LIMIT 1));
  RETURN NULL;
END $$;
CREATE TRIGGER "renewal_waits_for_apps" AFTER UPDATE OF "revision_id", "contract_id", "reviewed_at" ON "app" FOR EACH ROW
  WHEN (NEW."contract_id" IS NOT NULL AND NEW."reviewed_at" IS NOT NULL AND NEW."offboarded_at" IS NULL
    AND (OLD."revision_id", OLD."contract_id", OLD."reviewed_at" IS NULL)
      IS DISTINCT FROM (NEW."revision_id", NEW."contract_id", false))
  EXECUTE FUNCTION "renewal_waits_for_apps"();

-- Limits narrow what tokens of before reach, at once; so does another contract with other limits.
CREATE FUNCTION "signal_contract_limits"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
  SELECT 'token-claims-change', 'contract.limited', ARRAY["id"],
    jsonb_build_object('claims', jsonb_build_object('contract_limits', coalesce(NEW."limits", '{}')))
  FROM "app" WHERE "contract_id" = NEW."id" ORDER BY "id";
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_contract_limits" AFTER UPDATE OF "limits" ON "contract"
  FOR EACH ROW WHEN (OLD."limits" IS DISTINCT FROM NEW."limits") EXECUTE FUNCTION "signal_contract_limits"();
CREATE FUNCTION "signal_contract_limits_assigned"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := (SELECT "limits" FROM "contract" WHERE "id" = OLD."contract_id");
  is_now jsonb := (SELECT "limits" FROM "contract" WHERE "id" = NEW."contract_id");
BEGIN
  IF was IS DISTINCT FROM is_now THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
    VALUES ('token-claims-change', 'contract.limited', ARRAY[NEW."id"],
      jsonb_build_object('claims', jsonb_build_object('contract_limits', coalesce(is_now, '{}'))));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_contract_limits_assigned" AFTER UPDATE OF "contract_id" ON "app"
  FOR EACH ROW WHEN (OLD."contract_id" IS DISTINCT FROM NEW."contract_id")
  EXECUTE FUNCTION "signal_contract_limits_assigned"();

-- As before, but each app has its own limits: the least of those of the operator and of its contract.
CREATE FUNCTION "record_decisions"(
  "items" json, "apps" text[], "costs" bigint[], "counts" integer[], "openers" text[], "opened" uuid[], "off_by" bigint,
  "patients_limits" integer[], "resources_limits" bigint[], "patients_reason" text, "resources_reason" text
) RETURNS TABLE ("n" integer, "fault" text, "reached" boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  fitting integer := 0;
  this_hour timestamptz := date_trunc('hour', now() + off_by * interval '1 millisecond', 'UTC');
BEGIN
  IF cardinality(apps) > 0 THEN
    IF cardinality(apps) > (
      SELECT count(*) FROM "access_budget_use" u WHERE u."hour" = this_hour AND u."app_id" = ANY (apps)) THEN
      INSERT INTO "access_budget_use" ("hour", "app_id", "patients", "resources")
        SELECT this_hour, a, 0, 0 FROM unnest(apps) AS a ORDER BY a
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM 1 FROM "access_budget_use" u WHERE u."hour" = this_hour AND u."app_id" = ANY (apps)
      ORDER BY u."app_id" FOR NO KEY UPDATE;
    SELECT count(*) INTO fitting FROM unnest(apps, costs, counts, patients_limits, resources_limits)
      AS a ("app_id", "cost", "patients", "patients_limit", "resources_limit")
      CROSS JOIN LATERAL (
        SELECT u."patients", u."resources" FROM "access_budget_use" u
        WHERE u."hour" = this_hour AND u."app_id" = a."app_id" LIMIT 1) u
      WHERE u."resources" + a."cost" <= a."resources_limit" AND u."patients" + a."patients" <= a."patients_limit";
  END IF;
  IF fitting = cardinality(apps) THEN
    IF fitting > 0 THEN
      WITH fresh AS (
        INSERT INTO "access_budget_patient" ("hour", "app_id", "patient")
          SELECT this_hour, o."app_id", o."patient" FROM unnest(openers, opened) AS o ("app_id", "patient")
          ON CONFLICT DO NOTHING
          RETURNING "app_id")
      INSERT INTO "access_budget_use" AS u ("hour", "app_id", "patients", "resources")
        SELECT this_hour, a."app_id", (SELECT count(*) FROM fresh f WHERE f."app_id" = a."app_id"), a."cost"
        FROM unnest(apps, costs) AS a ("app_id", "cost")
        ON CONFLICT ("hour", "app_id") DO UPDATE SET
          "patients" = u."patients" + excluded."patients", "resources" = u."resources" + excluded."resources";
    END IF;
    INSERT INTO "audit_event" ("type", "request_id", "app_id", "organization_id", "contract_id", "account_id", "patient_id",
        "grant_id", "resource_server_id", "resource", "purpose", "reason", "detail")
      SELECT CASE WHEN x."cost" > 0 THEN 'decision.permitted' ELSE 'decision.denied' END,
        x."request_id", x."app_id", x."organization_id", x."contract_id", x."account_id",
        coalesce(x."patient_id", (SELECT r."patient_id" FROM "patient_record" r
          WHERE r."fhir_base_url" = x."fhir_base" AND r."fhir_id" = x."fhir_patient")),
        x."grant_id", x."resource_server_id", x."resource", x."purpose", x."reason", x."detail"
      FROM json_to_recordset(items) AS x (
        "cost" integer, "request_id" text, "app_id" text, "organization_id" text, "contract_id" text,
        "account_id" text, "patient_id" text, "fhir_base" text, "fhir_patient" text, "grant_id" text,
        "resource_server_id" text, "resource" text, "purpose" text, "reason" text, "detail" jsonb);
    RETURN;
  END IF;
  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT x.*, l."patients_limit", l."resources_limit" FROM json_to_recordset(items) AS x (
      "n" integer, "call" integer, "stops" boolean, "cost" integer, "patient" uuid,
      "request_id" text, "app_id" text, "organization_id" text, "contract_id" text, "account_id" text,
      "patient_id" text, "fhir_base" text, "fhir_patient" text, "grant_id" text, "resource_server_id" text,
      "resource" text, "purpose" text, "reason" text, "detail" jsonb)
    LEFT JOIN unnest(apps, patients_limits, resources_limits) AS l ("app", "patients_limit", "resources_limit")
      ON l."app" = x."app_id"),
  first_of AS (
    SELECT i.*, CASE WHEN i."cost" > 0 AND i."patient" IS NOT NULL AND (
        -- Each looked up by itself: NOT EXISTS would read all patients of the hour at once.
        SELECT p."patient" FROM "access_budget_patient" p
        WHERE p."hour" = this_hour AND p."app_id" = i."app_id" AND p."patient" = i."patient") IS NULL
      THEN min(i."n") FILTER (WHERE i."cost" > 0) OVER (PARTITION BY i."app_id", i."patient") END AS "first_n"
    FROM item i),
  patient_fits AS (
    SELECT f.*, f."first_n" IS NULL OR f."patients_limit" >= dense_rank() OVER (PARTITION BY f."app_id" ORDER BY f."first_n") + (
      SELECT u."patients" FROM "access_budget_use" u WHERE u."hour" = this_hour AND u."app_id" = f."app_id") AS "fits"
    FROM first_of f),
  counted AS (
    SELECT f.*, CASE
      WHEN f."cost" = 0 THEN NULL
      WHEN NOT f."fits" THEN patients_reason
      WHEN f."resources_limit" < sum(f."cost") FILTER (WHERE f."fits") OVER (PARTITION BY f."app_id" ORDER BY f."n") + (
        SELECT u."resources" FROM "access_budget_use" u WHERE u."hour" = this_hour AND u."app_id" = f."app_id")
      THEN resources_reason END AS "fault"
    FROM patient_fits f),
  outcome AS MATERIALIZED (
    SELECT c.*, NOT c."stops" OR NOT coalesce(bool_or(c."fault" IS NOT NULL) OVER (
        PARTITION BY c."call" ORDER BY c."n" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS "reached"
    FROM counted c),
  permitted AS MATERIALIZED (
    SELECT o."app_id", o."patient", o."first_n", o."cost" FROM outcome o
    WHERE o."reached" AND o."cost" > 0 AND o."fault" IS NULL),
  fresh AS (
    INSERT INTO "access_budget_patient" ("hour", "app_id", "patient")
      SELECT DISTINCT this_hour, p."app_id", p."patient" FROM permitted p WHERE p."first_n" IS NOT NULL
      ON CONFLICT DO NOTHING
      RETURNING "app_id"),
  used AS (
    UPDATE "access_budget_use" u SET
      "patients" = u."patients" + (SELECT count(*) FROM fresh f WHERE f."app_id" = u."app_id"),
      "resources" = u."resources" + (SELECT coalesce(sum(p."cost"), 0) FROM permitted p WHERE p."app_id" = u."app_id")
    WHERE u."hour" = this_hour AND u."app_id" = ANY (apps)),
  recorded AS (
    INSERT INTO "audit_event" ("type", "request_id", "app_id", "organization_id", "contract_id", "account_id", "patient_id",
        "grant_id", "resource_server_id", "resource", "purpose", "reason", "detail")
      SELECT CASE WHEN o."cost" > 0 AND o."fault" IS NULL THEN 'decision.permitted' ELSE 'decision.denied' END,
        o."request_id", o."app_id", o."organization_id", o."contract_id", o."account_id",
        coalesce(o."patient_id", (SELECT r."patient_id" FROM "patient_record" r
          WHERE r."fhir_base_url" = o."fhir_base" AND r."fhir_id" = o."fhir_patient")),
        o."grant_id", o."resource_server_id", o."resource", o."purpose", coalesce(o."reason", o."fault"),
        CASE WHEN o."fault" IS NULL THEN o."detail" ELSE o."detail" - 'obligations' END
      FROM outcome o WHERE o."reached" ORDER BY o."n")
  SELECT o."n", o."fault", o."reached" FROM outcome o;
END $$;
