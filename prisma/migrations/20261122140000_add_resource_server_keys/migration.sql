-- AlterTable
ALTER TABLE "resource_server" ADD COLUMN     "jwks" JSONB;
