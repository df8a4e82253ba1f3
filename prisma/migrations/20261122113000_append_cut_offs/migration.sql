-- Cut-offs are only ever added, so that each keeps its instant: of those of a subject the last one counts.
ALTER TABLE "cut_off" DROP CONSTRAINT "cut_off_pkey",
ADD CONSTRAINT "cut_off_pkey" PRIMARY KEY ("kind", "subject_id", "tokens_before");

DROP TRIGGER "cut_off_forward" ON "cut_off";
CREATE TRIGGER "cut_off_forward" BEFORE UPDATE ON "cut_off"
  FOR EACH ROW EXECUTE FUNCTION "refuse_turning_back"();
CREATE TRIGGER "cut_off_not_emptied" BEFORE TRUNCATE ON "cut_off"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_turning_back"();
CREATE TRIGGER "revocation_clock_not_emptied" BEFORE TRUNCATE ON "revocation_clock"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_turning_back"();

-- An app that moves to another owner or organization takes their cut-offs along. At the commit, and with the clock held:
-- a cut-off that was acknowledged before the move is seen, and one that comes later waits for it. Otherwise what the one
-- ended would go on when the other commits.
CREATE OR REPLACE FUNCTION "take_cut_offs_along"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "revocation_clock" FOR NO KEY UPDATE;
  INSERT INTO "cut_off" ("kind", "subject_id", "tokens_before", "grants_before", "cut_at", "cause")
  SELECT 'client', OLD."id", c."tokens_before", c."grants_before", c."cut_at", c."cause"
  FROM "cut_off" c
  WHERE (c."kind" = 'owner' AND c."subject_id" = OLD."owner_id")
     OR (c."kind" = 'organization' AND c."subject_id" = OLD."organization_id")
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
DROP TRIGGER "app_takes_cut_offs_along" ON "app";
CREATE CONSTRAINT TRIGGER "app_takes_cut_offs_along" AFTER UPDATE OF "owner_id", "organization_id" ON "app"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."owner_id" IS DISTINCT FROM OLD."owner_id"
    OR NEW."organization_id" <> OLD."organization_id") EXECUTE FUNCTION "take_cut_offs_along"();
