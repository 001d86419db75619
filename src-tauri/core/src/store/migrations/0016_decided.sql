-- What was decided with an invoice stays on it: which code a tax was computed with. Null on what was saved before, and on tax a
-- vendor computed.
ALTER TABLE invoice_taxes ADD COLUMN tax_code_id TEXT;
-- Finds the next free number among taken ones without reading a row.
CREATE INDEX invoices_numbers ON invoices (number_key) WHERE status <> 'draft';
