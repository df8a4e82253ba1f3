-- AlterTable
ALTER TABLE "audit_event" ADD COLUMN     "contract_id" TEXT,
ADD COLUMN     "resource" TEXT;
