-- The OpenID provider by which the people of an organization may sign in to the staff pages. A change is another row: of
-- those of an organization one is live.
CREATE TABLE "staff_provider" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "domains" TEXT[] NOT NULL,
    "acr" TEXT,
    "amr" TEXT,
    "required" BOOLEAN NOT NULL,
    "covers_oversight" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "staff_provider_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "staff_provider_method" CHECK ("method" IN ('client_secret_basic', 'client_secret_post'))
);
CREATE INDEX "staff_provider_organization_id_idx" ON "staff_provider"("organization_id");
CREATE UNIQUE INDEX "staff_provider_one" ON "staff_provider" ("organization_id") WHERE "ended_at" IS NULL;
ALTER TABLE "staff_provider" ADD CONSTRAINT "staff_provider_organization_id_fkey" FOREIGN KEY ("organization_id")
  REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Who a subject of an issuer is, for one organization: whoever runs an issuer speaks for no other's people.
CREATE TABLE "staff_identity" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "bound_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "staff_identity_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "staff_identity_person_id_idx" ON "staff_identity"("person_id");
CREATE UNIQUE INDEX "staff_identity_subject" ON "staff_identity" ("organization_id", "issuer", "subject")
  WHERE "ended_at" IS NULL;
CREATE UNIQUE INDEX "staff_identity_person" ON "staff_identity" ("person_id", "issuer") WHERE "ended_at" IS NULL;
ALTER TABLE "staff_identity" ADD CONSTRAINT "staff_identity_person_id_fkey" FOREIGN KEY ("person_id")
  REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- On the way to the provider and back: the answer counts once.
CREATE TABLE "staff_departure" (
    "state_hash" TEXT NOT NULL,
    "browser_hash" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "code_verifier" TEXT NOT NULL,
    "next" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "called_back_at" TIMESTAMPTZ(3),

    CONSTRAINT "staff_departure_pkey" PRIMARY KEY ("state_hash")
);
CREATE INDEX "staff_departure_expires_at_idx" ON "staff_departure"("expires_at");

-- A session that began at the provider: it is none for serious steps until a passkey was shown in it.
ALTER TABLE "staff_session" ADD COLUMN "provider_id" TEXT;

-- By which provider's word a first passkey was made: an owner's does not vouch for who oversees later.
ALTER TABLE "passkey" ADD COLUMN "provider_id" TEXT;

-- RFC 7644 §2: with which an organization's directory tells who works there. Its id is its SHA-256, hex.
CREATE TABLE "scim_token" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "by_operator" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "scim_token_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "scim_token_organization_id_idx" ON "scim_token"("organization_id");
ALTER TABLE "scim_token" ADD CONSTRAINT "scim_token_organization_id_fkey" FOREIGN KEY ("organization_id")
  REFERENCES "organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the directory calls her, and since when it knows her no more (RFC 7644 §3.6).
ALTER TABLE "person" ADD COLUMN "external_id" TEXT;
ALTER TABLE "person" ADD COLUMN "deprovisioned_at" TIMESTAMPTZ(3);
CREATE INDEX "person_external_id_idx" ON "person"("external_id");

-- That somebody who answers for apps leaves on a day was announced.
CREATE TABLE "leaving_warning" (
    "person_id" TEXT NOT NULL,
    "left_at" TIMESTAMPTZ(3) NOT NULL,
    "days_before" INTEGER NOT NULL,
    "warned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "leaving_warning_pkey" PRIMARY KEY ("person_id", "left_at", "days_before")
);
ALTER TABLE "leaving_warning" ADD CONSTRAINT "leaving_warning_person_id_fkey" FOREIGN KEY ("person_id")
  REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A provider that was registered, who was bound, and a token: each ends once, and nothing else of it changes.
CREATE FUNCTION "staff_access_stays"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN RAISE EXCEPTION '% is never deleted', TG_TABLE_NAME; END IF;
  IF to_jsonb(OLD) - '{ended_at,revoked_at,last_used_at}'::text[]
    IS DISTINCT FROM to_jsonb(NEW) - '{ended_at,revoked_at,last_used_at}'::text[]
    OR to_jsonb(OLD)->>'ended_at' IS NOT NULL AND to_jsonb(OLD)->>'ended_at' IS DISTINCT FROM to_jsonb(NEW)->>'ended_at'
    OR to_jsonb(OLD)->>'revoked_at' IS NOT NULL
      AND to_jsonb(OLD)->>'revoked_at' IS DISTINCT FROM to_jsonb(NEW)->>'revoked_at'
  THEN RAISE EXCEPTION '% does not change', TG_TABLE_NAME; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "staff_provider_stays" BEFORE UPDATE OR DELETE ON "staff_provider"
  FOR EACH ROW EXECUTE FUNCTION "staff_access_stays"();
CREATE TRIGGER "staff_identity_stays" BEFORE UPDATE OR DELETE ON "staff_identity"
  FOR EACH ROW EXECUTE FUNCTION "staff_access_stays"();
CREATE TRIGGER "scim_token_stays" BEFORE UPDATE OR DELETE ON "scim_token"
  FOR EACH ROW EXECUTE FUNCTION "staff_access_stays"();
