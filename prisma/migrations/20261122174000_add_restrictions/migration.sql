-- What rules find, what is restricted until somebody confirms it, and what operators said should happen by itself.
ALTER TABLE "finding" ADD COLUMN "organization_id" TEXT;
ALTER TABLE "finding" ADD COLUMN "resource_server_id" TEXT;
ALTER TABLE "finding" ADD CONSTRAINT "finding_organization_id_fkey" FOREIGN KEY ("organization_id")
  REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "finding" ADD CONSTRAINT "finding_resource_server_id_fkey" FOREIGN KEY ("resource_server_id")
  REFERENCES "resource_server"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX "finding_organization_id_opened_at_idx" ON "finding"("organization_id", "opened_at");
CREATE TRIGGER "finding_keeps_subject" BEFORE UPDATE ON "finding" FOR EACH ROW
  WHEN ((NEW."organization_id", NEW."resource_server_id") IS DISTINCT FROM (OLD."organization_id", OLD."resource_server_id"))
  EXECUTE FUNCTION "refuse_another"();
DROP INDEX "finding_open_once";
CREATE UNIQUE INDEX "finding_open_once" ON "finding" ("kind", coalesce("app_id", ''), coalesce("patient_id", ''),
  coalesce("organization_id", ''), coalesce("resource_server_id", ''), coalesce("event", ''), "opened_by")
  WHERE "closed_at" IS NULL;

-- What the people of an app say to a finding about it: added, never changed.
CREATE TABLE "finding_answer" (
    "id" TEXT NOT NULL,
    "finding_id" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "answered_by" TEXT NOT NULL,
    "answered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "finding_answer_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "finding_answer_finding_id_answered_at_idx" ON "finding_answer"("finding_id", "answered_at");
ALTER TABLE "finding_answer" ADD CONSTRAINT "finding_answer_finding_id_fkey" FOREIGN KEY ("finding_id")
  REFERENCES "finding"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE TRIGGER "finding_answer_stays" BEFORE UPDATE OR DELETE ON "finding_answer"
  FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

CREATE TABLE "app_restriction" (
    "id" TEXT NOT NULL,
    "app_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "scopes" TEXT[],
    "key_id" TEXT,
    "reason" TEXT NOT NULL,
    "finding_id" TEXT,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "made_by" TEXT NOT NULL,
    "lifted_at" TIMESTAMPTZ(3),
    "lifted_by" TEXT,
    "lift_reason" TEXT,

    CONSTRAINT "app_restriction_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "app_restriction_app_id_lifted_at_idx" ON "app_restriction"("app_id", "lifted_at");
CREATE INDEX "app_restriction_finding_id_idx" ON "app_restriction"("finding_id");
ALTER TABLE "app_restriction" ADD CONSTRAINT "app_restriction_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "app_restriction" ADD CONSTRAINT "app_restriction_key_id_fkey" FOREIGN KEY ("key_id")
  REFERENCES "app_key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "app_restriction" ADD CONSTRAINT "app_restriction_finding_id_fkey" FOREIGN KEY ("finding_id")
  REFERENCES "finding"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "app_restriction" ADD CONSTRAINT "app_restriction_kind" CHECK ("kind" IN ('narrow', 'quarantine', 'step_up'));
ALTER TABLE "app_restriction" ADD CONSTRAINT "app_restriction_scopes"
  CHECK (("kind" = 'narrow') = (cardinality("scopes") > 0));
ALTER TABLE "app_restriction" ADD CONSTRAINT "app_restriction_lifted_by_someone"
  CHECK (("lifted_at" IS NULL) = ("lifted_by" IS NULL) AND ("lifted_at" IS NULL) = ("lift_reason" IS NULL));
-- Said twice for the same cause while it holds, it is one; who may lift it depends on the cause.
CREATE UNIQUE INDEX "app_restriction_once" ON "app_restriction"
  ("app_id", "kind", coalesce("key_id", ''), coalesce("finding_id", ''), "scopes") WHERE "lifted_at" IS NULL;
-- It is lifted once; nothing else of it changes.
CREATE TRIGGER "app_restriction_stays" BEFORE UPDATE ON "app_restriction" FOR EACH ROW
  WHEN (OLD."lifted_at" IS NOT NULL OR (NEW."id", NEW."app_id", NEW."kind", NEW."scopes", NEW."key_id", NEW."reason",
    NEW."finding_id", NEW."made_at", NEW."made_by") IS DISTINCT FROM (OLD."id", OLD."app_id", OLD."kind", OLD."scopes",
    OLD."key_id", OLD."reason", OLD."finding_id", OLD."made_at", OLD."made_by"))
  EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "app_restriction_is_kept" BEFORE DELETE ON "app_restriction"
  FOR EACH ROW EXECUTE FUNCTION "refuse_another"();

-- Introspection remembers which scopes are stopped.
CREATE CONSTRAINT TRIGGER "registry_version_insert" AFTER INSERT ON "app_restriction"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"();
CREATE CONSTRAINT TRIGGER "registry_version_update" AFTER UPDATE ON "app_restriction"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"();
CREATE TRIGGER "registry_version_truncate" AFTER TRUNCATE ON "app_restriction"
  FOR EACH STATEMENT EXECUTE FUNCTION "change_registry_version"();

-- All scopes of an app that nobody may use now, whatever stops them.
CREATE FUNCTION "signal_stopped_scopes"("app" TEXT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('claims', jsonb_build_object('scope_stopped', coalesce((
    SELECT string_agg(DISTINCT s, ' ' ORDER BY s) FROM (
      SELECT unnest("affected_scopes") FROM "app_change" WHERE "app_id" = $1 AND "cleared_at" IS NULL
      UNION SELECT unnest("scopes") FROM "app_restriction" WHERE "app_id" = $1 AND "lifted_at" IS NULL
    ) stopped (s)), '')))
$$;
CREATE OR REPLACE FUNCTION "signal_scopes_stopped"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
  VALUES ('token-claims-change', CASE WHEN NEW."cleared_at" IS NULL THEN 'change.recorded' ELSE 'change.cleared' END,
    ARRAY[NEW."app_id"], "signal_stopped_scopes"(NEW."app_id"));
  RETURN NULL;
END $$;
-- A narrowing changes what tokens say at once; the first and the last of the others how the app is looked at.
CREATE FUNCTION "signal_restriction"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  holds boolean := NEW."lifted_at" IS NULL;
BEGIN
  IF NEW."kind" = 'narrow' THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
    VALUES ('token-claims-change', CASE WHEN holds THEN 'app.narrowed' ELSE 'app.widened' END, ARRAY[NEW."app_id"],
      "signal_stopped_scopes"(NEW."app_id"));
  ELSIF NOT EXISTS (SELECT FROM "app_restriction" other WHERE other."app_id" = NEW."app_id" AND other."id" <> NEW."id"
    AND other."kind" <> 'narrow' AND other."lifted_at" IS NULL) THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
    VALUES ('risk-level-change', CASE WHEN holds THEN 'app.restricted' ELSE 'app.confirmed' END, ARRAY[NEW."app_id"],
      jsonb_build_object('principal', 'APPLICATION', 'current_level', CASE WHEN holds THEN 'MEDIUM' ELSE 'LOW' END,
        'previous_level', CASE WHEN holds THEN 'LOW' ELSE 'MEDIUM' END));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_restriction" AFTER INSERT OR UPDATE OF "lifted_at" ON "app_restriction"
  FOR EACH ROW EXECUTE FUNCTION "signal_restriction"();

-- What happens by itself when a rule finds something: the last row of a rule counts.
CREATE TABLE "governance_policy" (
    "number" BIGSERIAL NOT NULL,
    "rule" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "after_days" INTEGER,
    "threshold" DOUBLE PRECISION,
    "reason" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "governance_policy_pkey" PRIMARY KEY ("number")
);
CREATE INDEX "governance_policy_rule_number_idx" ON "governance_policy"("rule", "number");
ALTER TABLE "governance_policy" ADD CONSTRAINT "governance_policy_action"
  CHECK ("action" IN ('alert', 'narrow', 'quarantine', 'suspend', 'end', 'step_up'));
CREATE TRIGGER "governance_policy_stays" BEFORE UPDATE OR DELETE ON "governance_policy"
  FOR EACH ROW EXECUTE FUNCTION "refuse_another"();
