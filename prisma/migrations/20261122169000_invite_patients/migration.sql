-- Operators list patients by name, page by page.
CREATE INDEX "patient_name_id_idx" ON "patient"("name", "id");
