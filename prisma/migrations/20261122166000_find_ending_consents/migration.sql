-- Consents in the order in which they end: patients are told before.
CREATE INDEX "consent_ends" ON "consent" ("live_until") WHERE "withdrawn_at" IS NULL;
