-- How surely a patient proved who she is, by the best of her passkeys, as resource servers were told last.
CREATE TABLE "assurance_level" (
    "patient_id" TEXT NOT NULL,
    "level" TEXT,
    "until" TIMESTAMPTZ(3),

    CONSTRAINT "assurance_level_pkey" PRIMARY KEY ("patient_id")
);
CREATE INDEX "assurance_level_until_idx" ON "assurance_level"("until");
ALTER TABLE "assurance_level" ADD CONSTRAINT "assurance_level_patient_id_fkey" FOREIGN KEY ("patient_id")
  REFERENCES "patient"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What was proved before this was told to nobody, and is no change now.
INSERT INTO "assurance_level" ("patient_id", "level", "until")
SELECT DISTINCT ON (p."patient_id") p."patient_id", p."level", p."expires_at"
FROM "passkey_proofing" b JOIN "passkey" k ON k."id" = b."passkey_id" AND k."removed_at" IS NULL
JOIN "identity_proofing" p ON p."id" = b."proofing_id" AND p."expires_at" > now()
ORDER BY p."patient_id", p."level" DESC, p."expires_at" DESC;

-- CAEP 1.0 §3.4. One transaction at a time for each patient: it reads what the one before has told.
CREATE FUNCTION "tell_assurance_level"("patient" TEXT, "at" TIMESTAMPTZ, "why" TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE "before" TEXT; "current" TEXT; "ends" TIMESTAMPTZ;
BEGIN
  INSERT INTO "assurance_level" ("patient_id") VALUES ("patient") ON CONFLICT DO NOTHING;
  SELECT l."level" INTO "before" FROM "assurance_level" l WHERE l."patient_id" = "patient" FOR UPDATE;
  SELECT p."level", p."expires_at" INTO "current", "ends"
  FROM "passkey" k JOIN "passkey_proofing" b ON b."passkey_id" = k."id"
  JOIN "identity_proofing" p ON p."id" = b."proofing_id"
  WHERE k."patient_id" = "patient" AND k."removed_at" IS NULL AND p."expires_at" > "at"
  ORDER BY p."level" DESC, p."expires_at" DESC LIMIT 1;
  UPDATE "assurance_level" l SET "level" = "current", "until" = "ends" WHERE l."patient_id" = "patient";
  IF "current" IS NOT DISTINCT FROM "before" THEN RETURN; END IF;
  INSERT INTO "signal_event" ("type", "cause", "account_id", "patient_id", "detail")
  VALUES ('assurance-level-change', "why", "patient", "patient", jsonb_build_object('namespace', 'NIST-IAL',
    'current_level', coalesce('nist-' || lower("current"), 'none'),
    'previous_level', coalesce('nist-' || lower("before"), 'none'),
    'change_direction', CASE WHEN coalesce("current", '') > coalesce("before", '') THEN 'increase' ELSE 'decrease' END));
END $$;

CREATE FUNCTION "signal_assurance_proofed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "tell_assurance_level"(k."patient_id", greatest(now(), NEW."bound_at"), 'assurance.proofed')
  FROM "passkey" k WHERE k."id" = NEW."passkey_id" AND k."patient_id" IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_assurance_proofed" AFTER INSERT OR UPDATE OF "proofing_id" ON "passkey_proofing"
  FOR EACH ROW EXECUTE FUNCTION "signal_assurance_proofed"();

CREATE FUNCTION "signal_assurance_removed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "tell_assurance_level"(NEW."patient_id", greatest(now(), NEW."removed_at"), 'assurance.removed');
  RETURN NULL;
END $$;
CREATE TRIGGER "signal_assurance_removed" AFTER UPDATE OF "removed_at" ON "passkey"
  FOR EACH ROW WHEN (NEW."patient_id" IS NOT NULL AND OLD."removed_at" IS NULL AND NEW."removed_at" IS NOT NULL)
  EXECUTE FUNCTION "signal_assurance_removed"();
