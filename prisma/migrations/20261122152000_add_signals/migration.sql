-- What resource servers are told (OpenID Shared Signals 1.0, CAEP 1.0). Triggers write it in the transaction of its cause,
-- so that no path of the code can forget it; the queue says what was not handed to the streams yet.
CREATE TABLE "signal_event" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "sequence" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "xid" BIGINT NOT NULL DEFAULT audit_event_xid(),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "audiences" TEXT[],
    "app_ids" TEXT[],
    "organization_id" TEXT,
    "owner_id" TEXT,
    "account_id" TEXT,
    "patient_id" TEXT,
    "grant_id" TEXT,
    "key_id" TEXT,
    "session_uid" TEXT,
    "ehr_id" TEXT,
    "purpose" TEXT,
    "stream_id" UUID,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "signal_event_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "signal_event_occurred_at_idx" ON "signal_event"("occurred_at");
-- A grant ends once, whatever marks it: its consent, or the provider's grant.
CREATE UNIQUE INDEX "signal_event_grant_ended" ON "signal_event" ("grant_id") WHERE "cause" LIKE 'grant.%';

CREATE TABLE "signal_queue" (
    "event_id" UUID NOT NULL,

    CONSTRAINT "signal_queue_pkey" PRIMARY KEY ("event_id")
);

-- Transactions from here on may commit after this one: a stream hears of them, and of none that was over before.
CREATE FUNCTION "signal_stream_since"() RETURNS BIGINT LANGUAGE sql STABLE
  AS 'SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint + public.audit_event_offset()';

CREATE TABLE "signal_stream" (
    "id" UUID NOT NULL,
    "since_xid" BIGINT NOT NULL DEFAULT signal_stream_since(),
    "resource_server_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "description" TEXT,
    "events_requested" TEXT[],
    "events" TEXT[],
    "method" TEXT NOT NULL,
    "endpoint_url" TEXT,
    "sealed_authorization" BYTEA,
    "status" TEXT NOT NULL DEFAULT 'enabled',
    "status_reason" TEXT,
    "verification_asked_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claim" UUID,
    "claimed_until" TIMESTAMPTZ(3),

    CONSTRAINT "signal_stream_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "signal_stream_resource_server_id_key" ON "signal_stream"("resource_server_id");
ALTER TABLE "signal_stream" ADD CONSTRAINT "signal_stream_resource_server_id_fkey" FOREIGN KEY ("resource_server_id")
  REFERENCES "resource_server"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "signal_stream" ADD CONSTRAINT "signal_stream_method" CHECK ("method" IN ('push', 'poll'));
ALTER TABLE "signal_stream" ADD CONSTRAINT "signal_stream_status" CHECK ("status" IN ('enabled', 'paused', 'disabled'));
ALTER TABLE "signal_stream" ADD CONSTRAINT "signal_stream_endpoint"
  CHECK (("method" = 'push') = ("endpoint_url" IS NOT NULL));

CREATE TABLE "signal_subject_removed" (
    "stream_id" UUID NOT NULL,
    "mark" TEXT NOT NULL,
    "subject" JSONB NOT NULL,
    "removed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "signal_subject_removed_pkey" PRIMARY KEY ("stream_id","mark")
);
ALTER TABLE "signal_subject_removed" ADD CONSTRAINT "signal_subject_removed_stream_id_fkey" FOREIGN KEY ("stream_id")
  REFERENCES "signal_stream"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "signal_delivery" (
    "stream_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "client_ids" TEXT[],
    "patients" TEXT[],
    "tries" INTEGER NOT NULL DEFAULT 0,
    "acked_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "last_fault" TEXT,

    CONSTRAINT "signal_delivery_pkey" PRIMARY KEY ("stream_id","event_id")
);
CREATE INDEX "signal_delivery_created_at_idx" ON "signal_delivery"("created_at");
CREATE INDEX "signal_delivery_event_id_idx" ON "signal_delivery"("event_id");
CREATE INDEX "signal_delivery_pending" ON "signal_delivery" ("stream_id", "sequence")
  WHERE "acked_at" IS NULL AND "failed_at" IS NULL;
ALTER TABLE "signal_delivery" ADD CONSTRAINT "signal_delivery_stream_id_fkey" FOREIGN KEY ("stream_id")
  REFERENCES "signal_stream"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE FUNCTION "refuse_change_of_signal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER "signal_event_stays" BEFORE UPDATE ON "signal_event"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_signal"();
CREATE TRIGGER "signal_event_not_emptied" BEFORE TRUNCATE ON "signal_event"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_signal"();
CREATE FUNCTION "queue_signal"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_queue" VALUES (NEW."id");
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_event_queued" AFTER INSERT ON "signal_event"
  FOR EACH ROW WHEN (NEW."stream_id" IS NULL) EXECUTE FUNCTION "queue_signal"();

-- Cut-offs: one event for each, whatever it ends.
CREATE FUNCTION "signal_cut_off"() RETURNS trigger LANGUAGE plpgsql AS $$
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
      AND d."expires_at" > now() AND d."clock" < NEW."grants_before"
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
CREATE TRIGGER "signal_cut_off" AFTER INSERT ON "cut_off" FOR EACH ROW EXECUTE FUNCTION "signal_cut_off"();

-- A grant that ends: one event, and one posting to who answered for the app when it was given.
CREATE FUNCTION "signal_grant_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ended record;
BEGIN
  SELECT d.*, coalesce(d."withdrawn_by", 'provider') AS "by" INTO ended FROM "consent" d WHERE d."grant_id" = NEW."grant_id";
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "patient_id", "grant_id", "purpose")
  VALUES ('session-revoked', 'grant.' || ended."by", ARRAY[ended."audience"], ARRAY[ended."app_id"], ended."account_id",
    ended."patient_id", ended."grant_id", ended."purpose")
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO "outbox_message" ("id", "channel", "destination", "content")
  SELECT 'grant-ended-' || ended."grant_id", 'webhook', o."id", jsonb_build_object('type', 'grant.ended', 'organizationId',
    o."id", 'appId', ended."app_id", 'values', jsonb_build_object('grantId', ended."grant_id", 'grantedAt',
    to_char(ended."decided_at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'reason',
    CASE ended."by" WHEN 'patient' THEN 'person' WHEN 'representative' THEN 'person' ELSE ended."by" END))
  FROM "organization" o
  WHERE o."id" = ended."organization_id" AND o."webhook_url" IS NOT NULL AND o."sealed_webhook_secret" IS NOT NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_consent_withdrawn" AFTER UPDATE OF "withdrawn_at" ON "consent"
  FOR EACH ROW WHEN (OLD."withdrawn_at" IS NULL AND NEW."withdrawn_at" IS NOT NULL) EXECUTE FUNCTION "signal_grant_ended"();
CREATE TRIGGER "signal_grant_revoked" AFTER UPDATE OF "revoked_at" ON "oidc_payload"
  FOR EACH ROW WHEN (NEW."model" = 'Grant' AND OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL)
  EXECUTE FUNCTION "signal_grant_ended"();

-- A session that ends, where tokens live with it (online access).
CREATE FUNCTION "signal_session_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "session_uid")
  SELECT 'session-revoked', 'session.ended', array_agg(DISTINCT m."audience"), array_agg(DISTINCT m."client_id"),
    min(m."account_id"), NEW."uid"
  FROM jsonb_each(coalesce(NEW."payload"->'authorizations', '{}')) g (client, held)
  JOIN "token_terms" m ON m."grant_id" = g.held->>'grantId' AND m."session_uid" = NEW."uid"
  HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_session_ended" AFTER UPDATE OF "revoked_at" ON "oidc_payload"
  FOR EACH ROW WHEN (NEW."model" = 'Session' AND OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL)
  EXECUTE FUNCTION "signal_session_ended"();

CREATE FUNCTION "signal_token_revoked"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "patient_id", "purpose")
  SELECT 'session-revoked', 'token.revoked', ARRAY[m."audience"], ARRAY[m."client_id"], m."account_id", m."patient_id",
    m."purpose"
  FROM "token_terms" m WHERE m."id" = NEW."terms_id";
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_token_revoked" AFTER UPDATE OF "revoked_at" ON "access_token"
  FOR EACH ROW WHEN (OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL) EXECUTE FUNCTION "signal_token_revoked"();

-- Standing of an app: its cut-offs say what ended, this says how it is looked at.
CREATE FUNCTION "signal_app_standing"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was boolean := OLD."suspended_at" IS NOT NULL OR OLD."offboarded_at" IS NOT NULL;
  is_now boolean := NEW."suspended_at" IS NOT NULL OR NEW."offboarded_at" IS NOT NULL;
BEGIN
  IF OLD."offboarded_at" IS DISTINCT FROM NEW."offboarded_at" OR was <> is_now THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
    VALUES ('risk-level-change', CASE WHEN NEW."offboarded_at" IS NOT NULL THEN 'app.offboarded'
      WHEN is_now THEN 'app.suspended' ELSE 'app.resumed' END, ARRAY[NEW."id"], jsonb_build_object('principal', 'APPLICATION',
      'current_level', CASE WHEN is_now THEN 'HIGH' ELSE 'LOW' END, 'previous_level', CASE WHEN was THEN 'HIGH' ELSE 'LOW' END));
  END IF;
  IF OLD."organization_id" <> NEW."organization_id" OR (OLD."owner_id" IS NOT NULL AND NEW."owner_id" IS NULL) THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids")
    VALUES ('session-revoked', CASE WHEN OLD."organization_id" <> NEW."organization_id" THEN 'app.moved' ELSE 'app.unowned' END,
      ARRAY[NEW."id"]);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_app_standing" AFTER UPDATE OF "suspended_at", "offboarded_at", "organization_id", "owner_id" ON "app"
  FOR EACH ROW EXECUTE FUNCTION "signal_app_standing"();

CREATE FUNCTION "signal_organization_standing"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was boolean := OLD."suspended_at" IS NOT NULL OR OLD."offboarded_at" IS NOT NULL;
  is_now boolean := NEW."suspended_at" IS NOT NULL OR NEW."offboarded_at" IS NOT NULL;
BEGIN
  IF OLD."offboarded_at" IS DISTINCT FROM NEW."offboarded_at" OR was <> is_now THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids", "organization_id", "detail")
    VALUES ('risk-level-change', CASE WHEN NEW."offboarded_at" IS NOT NULL THEN 'organization.offboarded'
      WHEN is_now THEN 'organization.suspended' ELSE 'organization.resumed' END,
      ARRAY(SELECT "id" FROM "app" WHERE "organization_id" = NEW."id" ORDER BY "id"), NEW."id",
      jsonb_build_object('principal', 'TENANT', 'current_level', CASE WHEN is_now THEN 'HIGH' ELSE 'LOW' END,
        'previous_level', CASE WHEN was THEN 'HIGH' ELSE 'LOW' END));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_organization_standing" AFTER UPDATE OF "suspended_at", "offboarded_at" ON "organization"
  FOR EACH ROW EXECUTE FUNCTION "signal_organization_standing"();

-- A contract or representation whose end is put into the past; what ends with time alone ends without a write.
CREATE FUNCTION "signal_contract_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids")
  SELECT 'session-revoked', 'contract.ended', ARRAY["id"] FROM "app" WHERE "contract_id" = NEW."id" ORDER BY "id";
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_contract_ended" AFTER UPDATE OF "starts_at", "ends_at" ON "contract"
  FOR EACH ROW WHEN (now() BETWEEN OLD."starts_at" AND OLD."ends_at" AND NOT now() BETWEEN NEW."starts_at" AND NEW."ends_at")
  EXECUTE FUNCTION "signal_contract_ended"();

-- In the sandbox an app needs none (policy/standing.ts).
CREATE FUNCTION "signal_contract_in_force"("contract" TEXT, "environment" TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN $1 IS NULL THEN $2 = 'sandbox'
    ELSE EXISTS (SELECT FROM "contract" WHERE "id" = $1 AND now() >= "starts_at" AND now() < "ends_at") END
$$;
CREATE FUNCTION "signal_contract_assigned"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF "signal_contract_in_force"(OLD."contract_id", OLD."environment")
    AND NOT "signal_contract_in_force"(NEW."contract_id", NEW."environment") THEN
    INSERT INTO "signal_event" ("type", "cause", "app_ids") VALUES ('session-revoked', 'contract.ended', ARRAY[NEW."id"]);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_contract_assigned" AFTER UPDATE OF "contract_id" ON "app"
  FOR EACH ROW WHEN (OLD."contract_id" IS DISTINCT FROM NEW."contract_id") EXECUTE FUNCTION "signal_contract_assigned"();

-- Purposes, hours, exchange profile, audiences and the most that may be asked for are those of the revision in force, also
-- for tokens of before. An app that was never let in has none: its drafts concern nobody.
CREATE FUNCTION "signal_revision_in_force"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
  VALUES ('token-claims-change', 'app.revised', ARRAY[NEW."id"], jsonb_build_object('claims', coalesce((
    SELECT jsonb_build_object('scope_ceiling', "scope_ceiling", 'purposes_of_use', "purposes")
    FROM "app_revision" WHERE "id" = NEW."revision_id"), '{}')));
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_revision_in_force" AFTER UPDATE OF "revision_id" ON "app"
  FOR EACH ROW WHEN (OLD."revision_id" IS NOT NULL AND OLD."revision_id" IS DISTINCT FROM NEW."revision_id"
    AND (OLD."environment" = 'sandbox' OR OLD."reviewed_at" IS NOT NULL))
  EXECUTE FUNCTION "signal_revision_in_force"();

CREATE FUNCTION "signal_representation_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "patient_id")
  SELECT 'session-revoked', 'representation.ended', array_agg(DISTINCT d."audience"), array_agg(DISTINCT d."app_id"),
    NEW."representative_id", NEW."patient_id"
  FROM "consent" d WHERE d."patient_id" = NEW."patient_id" AND d."representation_id" = NEW."id"
  HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_representation_ended" AFTER UPDATE OF "ended_at", "ends_at" ON "representation"
  FOR EACH ROW WHEN (OLD."ended_at" IS NULL AND coalesce(OLD."ends_at" > now(), true)
    AND (NEW."ended_at" IS NOT NULL OR NEW."ends_at" <= now()))
  EXECUTE FUNCTION "signal_representation_ended"();

CREATE FUNCTION "signal_ehr_suspended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "audiences", "ehr_id")
  VALUES ('session-revoked', 'ehr.suspended', ARRAY[NEW."fhir_base_url"], NEW."id");
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_ehr_suspended" AFTER UPDATE OF "suspended_at" ON "ehr"
  FOR EACH ROW WHEN (OLD."suspended_at" IS NULL AND NEW."suspended_at" IS NOT NULL)
  EXECUTE FUNCTION "signal_ehr_suspended"();

-- A recorded change narrows what the tokens of an app say; its approval gives that back.
CREATE FUNCTION "signal_scopes_stopped"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids", "detail")
  VALUES ('token-claims-change', CASE WHEN NEW."cleared_at" IS NULL THEN 'change.recorded' ELSE 'change.cleared' END,
    ARRAY[NEW."app_id"], jsonb_build_object('claims', jsonb_build_object('scope_stopped', coalesce((
      SELECT string_agg(DISTINCT s, ' ' ORDER BY s) FROM "app_change" c, unnest(c."affected_scopes") s
      WHERE c."app_id" = NEW."app_id" AND c."cleared_at" IS NULL), ''))));
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_scopes_stopped" AFTER INSERT OR UPDATE OF "cleared_at", "affected_scopes" ON "app_change"
  FOR EACH ROW EXECUTE FUNCTION "signal_scopes_stopped"();

CREATE FUNCTION "signal_key_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "app_ids", "key_id", "detail")
  VALUES ('credential-change', CASE WHEN TG_OP = 'INSERT' THEN 'key.added' ELSE 'key.ended' END, ARRAY[NEW."app_id"], NEW."id",
    jsonb_build_object('credential_type', CASE NEW."kind" WHEN 'secret' THEN 'client-secret' ELSE 'jwk' END, 'change_type',
      CASE WHEN TG_OP = 'INSERT' THEN 'create' WHEN NEW."revoked_at" IS NOT NULL THEN 'revoke' ELSE 'update' END));
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_key_added" AFTER INSERT ON "app_key"
  FOR EACH ROW WHEN (NEW."revoked_at" IS NULL) EXECUTE FUNCTION "signal_key_changed"();
CREATE TRIGGER "signal_key_ended" AFTER UPDATE OF "revoked_at", "ends_at" ON "app_key"
  FOR EACH ROW WHEN ((OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL) OR NEW."ends_at" < OLD."ends_at")
  EXECUTE FUNCTION "signal_key_changed"();

-- Of patients: what those who work for an organization sign in with opens no record.
CREATE FUNCTION "signal_passkey_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "account_id", "patient_id", "detail")
  VALUES ('credential-change', CASE WHEN TG_OP = 'INSERT' THEN 'passkey.added' ELSE 'passkey.removed' END, NEW."patient_id",
    NEW."patient_id", jsonb_build_object('credential_type', CASE WHEN NEW."transports" && ARRAY['usb', 'nfc', 'ble']
      THEN 'fido2-roaming' ELSE 'fido2-platform' END, 'change_type', CASE WHEN TG_OP = 'INSERT' THEN 'create' ELSE 'delete' END));
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_passkey_added" AFTER INSERT ON "passkey"
  FOR EACH ROW WHEN (NEW."patient_id" IS NOT NULL) EXECUTE FUNCTION "signal_passkey_changed"();
CREATE TRIGGER "signal_passkey_removed" AFTER UPDATE OF "removed_at" ON "passkey"
  FOR EACH ROW WHEN (NEW."patient_id" IS NOT NULL AND OLD."removed_at" IS NULL AND NEW."removed_at" IS NOT NULL)
  EXECUTE FUNCTION "signal_passkey_changed"();
