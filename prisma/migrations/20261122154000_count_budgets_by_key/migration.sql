-- As before, but each counter is found by its key. A join was planned by what was known of an empty table, and read all
-- apps of the hour for each app of a batch, until the first ANALYZE.
CREATE OR REPLACE FUNCTION "record_decisions"(
  "items" json, "apps" text[], "costs" bigint[], "counts" integer[], "openers" text[], "opened" uuid[], "off_by" bigint,
  "patients_limit" integer, "resources_limit" bigint, "patients_reason" text, "resources_reason" text
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
    SELECT count(*) INTO fitting FROM unnest(apps, costs, counts) AS a ("app_id", "cost", "patients")
      CROSS JOIN LATERAL (
        SELECT u."patients", u."resources" FROM "access_budget_use" u
        WHERE u."hour" = this_hour AND u."app_id" = a."app_id" LIMIT 1) u
      WHERE u."resources" + a."cost" <= resources_limit AND u."patients" + a."patients" <= patients_limit;
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
    SELECT * FROM json_to_recordset(items) AS x (
      "n" integer, "call" integer, "stops" boolean, "cost" integer, "patient" uuid,
      "request_id" text, "app_id" text, "organization_id" text, "contract_id" text, "account_id" text,
      "patient_id" text, "fhir_base" text, "fhir_patient" text, "grant_id" text, "resource_server_id" text,
      "resource" text, "purpose" text, "reason" text, "detail" jsonb)),
  first_of AS (
    SELECT i.*, CASE WHEN i."cost" > 0 AND i."patient" IS NOT NULL AND (
        -- Each looked up by itself: NOT EXISTS would read all patients of the hour at once.
        SELECT p."patient" FROM "access_budget_patient" p
        WHERE p."hour" = this_hour AND p."app_id" = i."app_id" AND p."patient" = i."patient") IS NULL
      THEN min(i."n") FILTER (WHERE i."cost" > 0) OVER (PARTITION BY i."app_id", i."patient") END AS "first_n"
    FROM item i),
  patient_fits AS (
    SELECT f.*, f."first_n" IS NULL OR patients_limit >= dense_rank() OVER (PARTITION BY f."app_id" ORDER BY f."first_n") + (
      SELECT u."patients" FROM "access_budget_use" u WHERE u."hour" = this_hour AND u."app_id" = f."app_id") AS "fits"
    FROM first_of f),
  counted AS (
    SELECT f.*, CASE
      WHEN f."cost" = 0 THEN NULL
      WHEN NOT f."fits" THEN patients_reason
      WHEN resources_limit < sum(f."cost") FILTER (WHERE f."fits") OVER (PARTITION BY f."app_id" ORDER BY f."n") + (
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
