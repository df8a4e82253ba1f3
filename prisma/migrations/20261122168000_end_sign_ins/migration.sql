-- When a patient ended all her sessions last, herself or by a recovery: a passkey that was shown before begins none.
ALTER TABLE "patient" ADD COLUMN "sessions_ended_at" TIMESTAMPTZ(3);
