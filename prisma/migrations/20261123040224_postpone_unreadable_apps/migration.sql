-- AlterTable
ALTER TABLE "app_use_cursor" ADD COLUMN     "retry_at" TIMESTAMPTZ(3);
