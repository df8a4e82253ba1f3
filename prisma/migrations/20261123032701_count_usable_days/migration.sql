-- AlterTable
ALTER TABLE "app_use_cursor" ADD COLUMN     "unusable_at" TIMESTAMPTZ(3);
