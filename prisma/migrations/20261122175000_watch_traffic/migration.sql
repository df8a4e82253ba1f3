-- What apps did in each hour at each resource server ('': at Postern itself), counted from access records and audit events
-- by the instance that leads, never by who answers a request. All of it can be counted again from those.
CREATE TABLE "traffic_hour" (
    "app_id" TEXT NOT NULL,
    "resource_server_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "decided" INTEGER NOT NULL DEFAULT 0,
    "used" INTEGER NOT NULL DEFAULT 0,
    "used_open" INTEGER NOT NULL DEFAULT 0,
    "resources" BIGINT NOT NULL DEFAULT 0,
    "patients" INTEGER NOT NULL DEFAULT 0,
    "refusals" INTEGER NOT NULL DEFAULT 0,
    "replays" INTEGER NOT NULL DEFAULT 0,
    "networks" TEXT[] NOT NULL DEFAULT '{}',
    "new_networks" TEXT[] NOT NULL DEFAULT '{}',
    "new_kinds" TEXT[] NOT NULL DEFAULT '{}',
    "counted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "traffic_hour_pkey" PRIMARY KEY ("app_id", "resource_server_id", "hour")
);
CREATE INDEX "traffic_hour_hour_idx" ON "traffic_hour"("hour");

-- Whose records were opened in an hour: the first 128 bits of a SHA-256, for as long as the hour is counted.
CREATE TABLE "traffic_patient" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "app_id" TEXT NOT NULL,
    "resource_server_id" TEXT NOT NULL,
    "patient" UUID NOT NULL,

    CONSTRAINT "traffic_patient_pkey" PRIMARY KEY ("hour", "app_id", "resource_server_id", "patient")
);

-- What was ever seen of an app: networks, and kinds of requests at a resource server.
CREATE TABLE "traffic_seen" (
    "app_id" TEXT NOT NULL,
    "resource_server_id" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "traffic_seen_pkey" PRIMARY KEY ("app_id", "resource_server_id", "what", "value"),
    CONSTRAINT "traffic_seen_what" CHECK ("what" IN ('network', 'kind'))
);

-- How far both were read: events in the order of the chain, access records by minutes that are over.
CREATE TABLE "traffic_cursor" (
    "name" TEXT NOT NULL,
    "xid" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "traffic_cursor_pkey" PRIMARY KEY ("name")
);
