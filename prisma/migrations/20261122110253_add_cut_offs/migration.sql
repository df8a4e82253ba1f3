-- Access tokens are made anew: they live for minutes, and who holds one asks for the next.
DROP TABLE "access_token";

CREATE TABLE "access_token" (
    "id" UUID NOT NULL,
    "terms_id" UUID NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "clock" BIGINT NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "slot" SMALLINT NOT NULL,

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("slot", "id")
) PARTITION BY LIST ("slot");

CREATE INDEX "access_token_terms_id_idx" ON "access_token"("terms_id");

-- A ring: the tokens of an hour stand in one of eight partitions, which is emptied before its hour comes round again.
-- In a schema of their own, so that nothing takes them for tables of the model.
CREATE SCHEMA "partition";
CREATE TABLE "partition"."access_token_0" PARTITION OF "access_token" FOR VALUES IN (0);
CREATE TABLE "partition"."access_token_1" PARTITION OF "access_token" FOR VALUES IN (1);
CREATE TABLE "partition"."access_token_2" PARTITION OF "access_token" FOR VALUES IN (2);
CREATE TABLE "partition"."access_token_3" PARTITION OF "access_token" FOR VALUES IN (3);
CREATE TABLE "partition"."access_token_4" PARTITION OF "access_token" FOR VALUES IN (4);
CREATE TABLE "partition"."access_token_5" PARTITION OF "access_token" FOR VALUES IN (5);
CREATE TABLE "partition"."access_token_6" PARTITION OF "access_token" FOR VALUES IN (6);
CREATE TABLE "partition"."access_token_7" PARTITION OF "access_token" FOR VALUES IN (7);

-- AlterTable
ALTER TABLE "consent" ADD COLUMN     "clock" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "revocation_clock" (
    "id" INTEGER NOT NULL,
    "value" BIGINT NOT NULL,

    CONSTRAINT "revocation_clock_pkey" PRIMARY KEY ("id")
);

INSERT INTO "revocation_clock" VALUES (1, 1);
ALTER TABLE "revocation_clock" ADD CONSTRAINT "revocation_clock_single" CHECK ("id" = 1);

-- The clock only ever goes forward, and cut-offs are only ever added: each keeps its instant, the last one counts.
CREATE FUNCTION "refuse_turning_back"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% never goes back', TG_TABLE_NAME;
END $$;
CREATE TRIGGER "revocation_clock_forward" BEFORE UPDATE ON "revocation_clock"
  FOR EACH ROW WHEN (NEW."value" < OLD."value") EXECUTE FUNCTION "refuse_turning_back"();
CREATE TRIGGER "revocation_clock_stays" BEFORE DELETE ON "revocation_clock"
  FOR EACH ROW EXECUTE FUNCTION "refuse_turning_back"();
CREATE TRIGGER "revocation_clock_not_emptied" BEFORE TRUNCATE ON "revocation_clock"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_turning_back"();

-- CreateTable
CREATE TABLE "cut_off" (
    "kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "tokens_before" BIGINT NOT NULL,
    "grants_before" BIGINT,
    "cut_at" TIMESTAMPTZ(3) NOT NULL,
    "cause" TEXT NOT NULL,

    CONSTRAINT "cut_off_pkey" PRIMARY KEY ("kind","subject_id","tokens_before")
);

-- CreateTable
CREATE TABLE "token_terms" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "key_id" TEXT,
    "grant_id" TEXT,
    "account_id" TEXT,
    "patient_id" TEXT,
    "session_uid" TEXT,
    "audience" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "extra" JSONB NOT NULL,
    "payload" JSONB NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "token_terms_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "token_terms_grant_id_idx" ON "token_terms"("grant_id");

-- CreateIndex
CREATE INDEX "token_terms_client_id_idx" ON "token_terms"("client_id");

-- CreateIndex
CREATE INDEX "token_terms_expires_at_idx" ON "token_terms"("expires_at");

ALTER TABLE "cut_off" ADD CONSTRAINT "cut_off_kind"
  CHECK ("kind" IN ('client', 'organization', 'owner', 'patient', 'purpose', 'key'));
ALTER TABLE "cut_off" ADD CONSTRAINT "cut_off_grants_within_tokens" CHECK ("grants_before" <= "tokens_before");
CREATE TRIGGER "cut_off_stays" BEFORE UPDATE OR DELETE ON "cut_off"
  FOR EACH ROW EXECUTE FUNCTION "refuse_turning_back"();
CREATE TRIGGER "cut_off_not_emptied" BEFORE TRUNCATE ON "cut_off"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_turning_back"();

-- An app that moves to another owner or organization takes their cut-offs along. At the commit, and with the clock held:
-- a cut-off that was acknowledged before the move is seen, and one that comes later waits for it. Otherwise what the one
-- ended would go on when the other commits.
CREATE FUNCTION "take_cut_offs_along"() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE CONSTRAINT TRIGGER "app_takes_cut_offs_along" AFTER UPDATE OF "owner_id", "organization_id" ON "app"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."owner_id" IS DISTINCT FROM OLD."owner_id"
    OR NEW."organization_id" <> OLD."organization_id") EXECUTE FUNCTION "take_cut_offs_along"();
