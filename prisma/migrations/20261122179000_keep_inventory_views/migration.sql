-- Filters of the inventory that a person keeps under a name.
CREATE TABLE "inventory_view" (
    "id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "inventory_view_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "inventory_view_person_id_idx" ON "inventory_view"("person_id");
CREATE UNIQUE INDEX "inventory_view_name" ON "inventory_view"("person_id", "name") WHERE "removed_at" IS NULL;
ALTER TABLE "inventory_view" ADD CONSTRAINT "inventory_view_person_id_fkey" FOREIGN KEY ("person_id")
  REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
