-- The audit by months of their record, so that a month which has had its time goes as a whole. Rows of months without a
-- partition of their own stand in the default one: nothing is ever refused for its date.
ALTER SEQUENCE "audit_event_id_seq" OWNED BY NONE;
ALTER TABLE "audit_event" RENAME TO "audit_event_before";

-- The transaction that wrote a row: ids are taken before they commit, and in another order. What began before the oldest
-- transaction that runs is settled, and can be sealed. After a dump was restored into another cluster its transactions
-- are counted from the greatest number that was seen: audit_event_resume.
CREATE FUNCTION "audit_event_offset"() RETURNS BIGINT LANGUAGE sql STABLE AS 'SELECT 0::bigint';
CREATE FUNCTION "audit_event_xid"() RETURNS BIGINT LANGUAGE sql STABLE
  AS 'SELECT pg_catalog.pg_current_xact_id()::text::bigint + public.audit_event_offset()';

CREATE TABLE "audit_event" (
    "id" BIGINT NOT NULL DEFAULT nextval('audit_event_id_seq'),
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "xid" BIGINT NOT NULL DEFAULT audit_event_xid(),
    "type" TEXT NOT NULL,
    "request_id" TEXT,
    "app_id" TEXT,
    "account_id" TEXT,
    "organization_id" TEXT,
    "patient_id" TEXT,
    "grant_id" TEXT,
    "resource_server_id" TEXT,
    "contract_id" TEXT,
    "resource" TEXT,
    "purpose" TEXT,
    "reason" TEXT,
    "detail" JSONB NOT NULL
) PARTITION BY RANGE ("recorded_at");
ALTER SEQUENCE "audit_event_id_seq" OWNED BY "audit_event"."id";

-- The name of the partition of the month that holds an instant: UTC, whatever the session's time zone is.
CREATE FUNCTION "audit_event_month"("at" TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql IMMUTABLE
  AS $$ SELECT 'audit_event_' || pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY_MM') $$;

-- Makes the partition of a month unless it is there; what came before it, into the default one, moves over unchanged.
CREATE FUNCTION "audit_event_add_month"("at" TIMESTAMPTZ) RETURNS BOOLEAN
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  name CONSTANT TEXT := public.audit_event_month(at);
  starts CONSTANT TIMESTAMPTZ := date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  ends CONSTANT TIMESTAMPTZ := (date_trunc('month', at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass('partition.' || name) IS NOT NULL THEN RETURN false; END IF;
  -- Whoever waits for the table has others wait behind: it is tried again later.
  PERFORM set_config('lock_timeout', '200ms', true);
  PERFORM pg_advisory_xact_lock(hashtext('postern audit months'));
  IF to_regclass('partition.' || name) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE partition.%I (LIKE public.audit_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', name);
  EXECUTE format('CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON partition.%I
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_event_is_append_only()', name);
  IF EXISTS (SELECT FROM partition.audit_event_default d WHERE d.recorded_at >= starts AND d.recorded_at < ends) THEN
    LOCK TABLE partition.audit_event_default IN ACCESS EXCLUSIVE MODE;
    ALTER TABLE partition.audit_event_default DISABLE TRIGGER audit_event_append_only;
    EXECUTE format('WITH moved AS (DELETE FROM partition.audit_event_default
      WHERE recorded_at >= %L AND recorded_at < %L RETURNING *) INSERT INTO partition.%I SELECT * FROM moved',
      starts, ends, name);
    ALTER TABLE partition.audit_event_default ENABLE TRIGGER audit_event_append_only;
  END IF;
  EXECUTE format('ALTER TABLE public.audit_event ATTACH PARTITION partition.%I FOR VALUES FROM (%L) TO (%L)',
    name, starts, ends);
  RETURN true;
END $$;

-- Removes the partition of a month that ended more than seven years ago, and nothing younger, whoever asks.
CREATE FUNCTION "audit_event_drop_month"("at" TIMESTAMPTZ) RETURNS BOOLEAN
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  name CONSTANT TEXT := public.audit_event_month(at);
  ends CONSTANT TIMESTAMPTZ := (date_trunc('month', at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF ends > clock_timestamp() - interval '7 years' THEN
    RAISE EXCEPTION 'audit events are kept for seven years: % ended less than that ago', name USING ERRCODE = '42501';
  END IF;
  IF to_regclass('partition.' || name) IS NULL THEN RETURN false; END IF;
  -- Whoever waits for the table has others wait behind: it is tried again later.
  PERFORM set_config('lock_timeout', '200ms', true);
  EXECUTE format('ALTER TABLE public.audit_event DETACH PARTITION partition.%I', name);
  EXECUTE format('DROP TABLE partition.%I', name);
  RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION "audit_event_add_month"(TIMESTAMPTZ) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION "audit_event_drop_month"(TIMESTAMPTZ) FROM PUBLIC;

-- After a dump was restored into another cluster, before the server is started on it, by the owner of the tables.
CREATE FUNCTION "audit_event_resume"() RETURNS BIGINT LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  past BIGINT := (SELECT coalesce(max(xid), 0) FROM public.audit_event);
BEGIN
  IF past < public.audit_event_xid() THEN RETURN public.audit_event_offset(); END IF;
  EXECUTE format('CREATE OR REPLACE FUNCTION public.audit_event_offset() RETURNS BIGINT LANGUAGE sql STABLE AS %L',
    format('SELECT %s::bigint', past));
  RETURN past;
END $$;
REVOKE EXECUTE ON FUNCTION "audit_event_resume"() FROM PUBLIC;

-- The rows that were there: their order is that of their ids, their transaction is this one.
CREATE TABLE "partition"."audit_event_default" PARTITION OF "audit_event" DEFAULT;
CREATE TRIGGER "audit_event_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "partition"."audit_event_default"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();
SELECT audit_event_add_month(months.at) FROM (
  SELECT DISTINCT date_trunc('month', recorded_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS at FROM "audit_event_before"
  UNION
  SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + ahead * interval '1 month') AT TIME ZONE 'UTC'
  FROM generate_series(0, 3) AS ahead
) AS months ORDER BY months.at;
INSERT INTO "audit_event" (id, recorded_at, type, request_id, app_id, account_id, organization_id, patient_id, grant_id,
  resource_server_id, purpose, reason, detail)
SELECT id, recorded_at, type, request_id, app_id, account_id, organization_id, patient_id, grant_id,
  resource_server_id, purpose, reason, detail
FROM "audit_event_before" ORDER BY id;
DROP TABLE "audit_event_before";

ALTER TABLE "audit_event" ADD CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id", "recorded_at");
CREATE INDEX "audit_event_xid_id_idx" ON "audit_event"("xid", "id");
CREATE INDEX "audit_event_patient_id_recorded_at_idx" ON "audit_event"("patient_id", "recorded_at");
CREATE INDEX "audit_event_app_id_recorded_at_idx" ON "audit_event"("app_id", "recorded_at");
CREATE INDEX "audit_event_app_id_type_recorded_at_idx" ON "audit_event"("app_id", "type", "recorded_at");
-- Events of tokens name organizations, too: what an organization did is found among them by type.
CREATE INDEX "audit_event_organization_id_type_recorded_at_idx" ON "audit_event"("organization_id", "type", "recorded_at");

CREATE TRIGGER "audit_event_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_event"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only();

-- Under which contract and for which organization an app acted is what its record says at that moment, whoever appends.
CREATE FUNCTION "audit_event_names_contract"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  organization TEXT;
  contract TEXT;
BEGIN
  SELECT a.organization_id, a.contract_id INTO organization, contract FROM public.app a WHERE a.id = NEW.app_id;
  NEW.organization_id := coalesce(NEW.organization_id, organization);
  NEW.contract_id := coalesce(NEW.contract_id, contract);
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_event_names_contract" BEFORE INSERT ON "audit_event"
  FOR EACH ROW WHEN (NEW."app_id" IS NOT NULL AND (NEW."organization_id" IS NULL OR NEW."contract_id" IS NULL))
  EXECUTE FUNCTION "audit_event_names_contract"();

-- CreateTable
CREATE TABLE "audit_seal" (
    "number" BIGINT NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "until_xid" BIGINT NOT NULL,
    "until_id" BIGINT NOT NULL,
    "events" INTEGER NOT NULL,
    "first_id" BIGINT NOT NULL,
    "last_id" BIGINT NOT NULL,
    "entries" BYTEA NOT NULL,
    "previous" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,
    "checkpoint" TEXT NOT NULL,

    CONSTRAINT "audit_seal_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "audit_cursor" (
    "name" TEXT NOT NULL,
    "xid" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "moved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_cursor_pkey" PRIMARY KEY ("name")
);

-- Hashes are stored as they come: they cannot be compressed.
ALTER TABLE "audit_seal" ALTER COLUMN "entries" SET STORAGE EXTERNAL;
CREATE FUNCTION "audit_seal_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_seal is append-only';
END $$;
CREATE TRIGGER "audit_seal_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_seal"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_seal_is_append_only"();
