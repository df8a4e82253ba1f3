-- The version of all that introspection needs of the registry beside the token and its grant: another one after each
-- change, so that who remembers what it read at a version knows whether that is still true. In the row of the revocation
-- clock, which one lock guards.
ALTER TABLE "revocation_clock" ADD COLUMN     "registry_version" UUID NOT NULL DEFAULT gen_random_uuid();

-- Once a transaction, at its commit: after all that it locked.
CREATE FUNCTION "change_registry_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('postern.registry_changed', true), '') = '' THEN
    UPDATE "revocation_clock" SET "registry_version" = gen_random_uuid();
    PERFORM set_config('postern.registry_changed', 'yes', true);
  END IF;
  RETURN NULL;
END $$;

-- Not app_revision: a revision never changes.
DO $$
DECLARE
  registry text;
BEGIN
  FOREACH registry IN ARRAY ARRAY['app', 'app_change', 'organization', 'person', 'contract', 'resource_server',
    'resource_server_secret', 'fhir_base', 'ehr'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER registry_version_update AFTER UPDATE ON %I
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
      EXECUTE FUNCTION "change_registry_version"()', registry);
  END LOOP;
  -- A record that is new changes nothing of others, except these, of which an app or a server has several.
  FOREACH registry IN ARRAY ARRAY['app_key', 'app_change', 'resource_server_secret', 'fhir_base'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER registry_version_insert AFTER INSERT ON %I
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"()', registry);
  END LOOP;
  FOREACH registry IN ARRAY ARRAY['app', 'app_key', 'app_change', 'organization', 'person', 'contract',
    'resource_server', 'resource_server_secret', 'fhir_base', 'ehr'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER registry_version_delete AFTER DELETE ON %I
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"()', registry);
    EXECUTE format('CREATE TRIGGER registry_version_truncate AFTER TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION "change_registry_version"()', registry);
  END LOOP;
END $$;
-- Not for each use of a key.
CREATE CONSTRAINT TRIGGER "registry_version_update" AFTER UPDATE OF "app_id", "kind", "ends_at", "revoked_at" ON "app_key"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "change_registry_version"();

-- What is remembered of a token as long as it lives: which EHR its person belongs to, and what was decided.
CREATE FUNCTION "refuse_another"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'this part of % never changes', TG_TABLE_NAME;
END $$;
CREATE TRIGGER "ehr_user_keeps_ehr" BEFORE UPDATE ON "ehr_user"
  FOR EACH ROW WHEN (NEW."ehr_id" <> OLD."ehr_id") EXECUTE FUNCTION "refuse_another"();
CREATE TRIGGER "consent_keeps_decision" BEFORE UPDATE ON "consent"
  FOR EACH ROW WHEN ((NEW."grant_id", NEW."organization_id", NEW."decided_at", NEW."expires_at")
    <> (OLD."grant_id", OLD."organization_id", OLD."decided_at", OLD."expires_at")
    OR NEW."representation_id" IS DISTINCT FROM OLD."representation_id") EXECUTE FUNCTION "refuse_another"();

-- The state of a grant, found without what was issued under it.
CREATE INDEX "oidc_payload_grant_state" ON "oidc_payload" ("grant_id") INCLUDE ("revoked_at", "expires_at")
  WHERE "model" = 'Grant';

-- The cut-offs since the issue of the oldest token that lives.
CREATE INDEX "cut_off_tokens_before_idx" ON "cut_off"("tokens_before");
