-- A platform that acts for an app of somebody else: asked for by the people of the app, accepted by those of the platform.
CREATE TABLE "delegation" (
    "id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "platform_id" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "asked_by" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "accepted_by" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,

    CONSTRAINT "delegation_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "delegation_app_id_idx" ON "delegation"("app_id");
CREATE INDEX "delegation_platform_id_idx" ON "delegation"("platform_id");
ALTER TABLE "delegation" ADD CONSTRAINT "delegation_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "delegation" ADD CONSTRAINT "delegation_platform_id_fkey" FOREIGN KEY ("platform_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "delegation" ADD CONSTRAINT "delegation_of_two" CHECK ("app_id" <> "platform_id");
ALTER TABLE "delegation" ADD CONSTRAINT "delegation_by_someone" CHECK (
  ("accepted_at" IS NULL) = ("accepted_by" IS NULL) AND ("ended_at" IS NULL) = ("ended_by" IS NULL));
-- One platform at a time.
CREATE UNIQUE INDEX "delegation_once" ON "delegation" ("app_id") WHERE "ended_at" IS NULL;
-- It is accepted once and ended once; nothing else of it changes.
CREATE TRIGGER "delegation_stays" BEFORE UPDATE ON "delegation" FOR EACH ROW
  WHEN (OLD."ended_at" IS NOT NULL OR (OLD."accepted_at" IS NOT NULL AND NEW."accepted_at" IS DISTINCT FROM OLD."accepted_at")
    OR (NEW."id", NEW."app_id", NEW."platform_id", NEW."asked_at", NEW."asked_by")
      IS DISTINCT FROM (OLD."id", OLD."app_id", OLD."platform_id", OLD."asked_at", OLD."asked_by"))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "delegation_is_kept" BEFORE DELETE ON "delegation" FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

-- Introspection remembers which platform an app acts through, and how that stands.
CREATE CONSTRAINT TRIGGER "registry_version_insert" AFTER INSERT ON "delegation"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"();
CREATE CONSTRAINT TRIGGER "registry_version_update" AFTER UPDATE ON "delegation"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"();
CREATE TRIGGER "registry_version_truncate" AFTER TRUNCATE ON "delegation"
  FOR EACH STATEMENT EXECUTE FUNCTION "change_registry_version"();
