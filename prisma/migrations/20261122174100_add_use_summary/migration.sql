-- On which day something was last used: read from access records and audit events after the fact, by the instance that
-- leads, a piece at a time. Nothing is written while anybody waits.
CREATE TABLE "app_use" (
    "app_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "last_used_on" DATE NOT NULL,

    CONSTRAINT "app_use_pkey" PRIMARY KEY ("app_id", "kind", "subject")
);
ALTER TABLE "app_use" ADD CONSTRAINT "app_use_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- How far each app was read.
CREATE TABLE "app_use_cursor" (
    "app_id" TEXT NOT NULL,
    "records_until" TIMESTAMPTZ(3) NOT NULL,
    "events_until" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "app_use_cursor_pkey" PRIMARY KEY ("app_id")
);
CREATE INDEX "app_use_cursor_read_at_idx" ON "app_use_cursor"("read_at");
ALTER TABLE "app_use_cursor" ADD CONSTRAINT "app_use_cursor_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Whether the keys of an app can be fetched, as the instance that leads found it.
CREATE TABLE "jwks_check" (
    "app_id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,
    "failing_since" TIMESTAMPTZ(3),
    "fault" TEXT,

    CONSTRAINT "jwks_check_pkey" PRIMARY KEY ("app_id")
);
ALTER TABLE "jwks_check" ADD CONSTRAINT "jwks_check_app_id_fkey" FOREIGN KEY ("app_id")
  REFERENCES "app"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
