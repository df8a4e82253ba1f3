-- What a person calls her passkey, and with which browser she used it last ("Chrome/Windows").
ALTER TABLE "passkey" ADD COLUMN "name" TEXT;
ALTER TABLE "passkey" ADD COLUMN "last_used_with" TEXT;
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_name" CHECK (length("name") BETWEEN 1 AND 60);

-- When a second passkey was offered last: nobody is asked again within a month.
ALTER TABLE "patient" ADD COLUMN "passkey_offered_at" TIMESTAMPTZ(3);

-- What the provider's session does not hold. Sessions of before have no row: their people sign in again.
CREATE TABLE "account_session" (
    "uid" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "passkey_id" TEXT,
    "signed_in_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "verified_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_session_pkey" PRIMARY KEY ("uid")
);
CREATE INDEX "account_session_account_id_idx" ON "account_session"("account_id");
CREATE INDEX "account_session_expires_at_idx" ON "account_session"("expires_at");

-- A session goes on under a new id after each step of a sign-in: it ends with its last one.
CREATE OR REPLACE FUNCTION "signal_session_ended"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "signal_event" ("type", "cause", "audiences", "app_ids", "account_id", "session_uid")
  SELECT 'session-revoked', 'session.ended', array_agg(DISTINCT m."audience"), array_agg(DISTINCT m."client_id"),
    min(m."account_id"), NEW."uid"
  FROM jsonb_each(coalesce(NEW."payload"->'authorizations', '{}')) g (client, held)
  JOIN "token_terms" m ON m."grant_id" = g.held->>'grantId' AND m."session_uid" = NEW."uid"
  WHERE NOT EXISTS (
    SELECT FROM "oidc_payload" p WHERE p."model" = 'Session' AND p."uid" = NEW."uid" AND p."revoked_at" IS NULL
      AND p."account_id" = NEW."account_id" AND p."expires_at" > NEW."revoked_at")
  HAVING count(*) > 0;
  RETURN NULL;
END $$;
