-- to_char tells the years before the common era without saying so: 2026 BC bore the name of a month of 2026, and was old
-- enough to be dropped. No other instant has a name: nothing is made or dropped for it.
CREATE OR REPLACE FUNCTION "audit_event_month"("at" TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN pg_catalog.date_part('year', at AT TIME ZONE 'UTC') BETWEEN 1970 AND 9999
    THEN 'audit_event_' || pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY_MM') END
$$;
