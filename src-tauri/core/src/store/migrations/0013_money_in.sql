-- What was taken of a charge; empty where the processor does not say.
ALTER TABLE charges ADD COLUMN captured_minor INTEGER;
-- Something about the charge, its invoice or a payment changed: the next run looks whether it is a payment.
ALTER TABLE charges ADD COLUMN look INTEGER NOT NULL DEFAULT 0 CHECK (look IN (0, 1));
CREATE INDEX charges_to_look_at ON charges (connection_id, row) WHERE look = 1;
CREATE INDEX charges_without_payment ON charges (remote_id) WHERE payment_id IS NULL;

-- The numbers and ids by which a charge names its invoice, so that an invoice that comes later finds it.
CREATE TABLE charge_names (
    charge_id TEXT NOT NULL REFERENCES charges (id) ON DELETE CASCADE,
    name_key TEXT NOT NULL,
    PRIMARY KEY (charge_id, name_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX charge_names_by_name ON charge_names (name_key);
INSERT OR IGNORE INTO charge_names (charge_id, name_key)
SELECT c.id, search_key(trim(ltrim(trim(pair.value), '#'))) FROM charges c, json_each(c.metadata) pair
WHERE lower(trim(pair.key)) IN ('backroom_invoice', 'invoice_id', 'invoice_number', 'invoice')
    AND trim(ltrim(trim(pair.value), '#')) <> '';
UPDATE charges SET look = 1 WHERE status = 'succeeded' AND payment_id IS NULL;

ALTER TABLE disputes ADD COLUMN outcome TEXT NOT NULL DEFAULT 'open' CHECK (outcome IN ('inquiry', 'open', 'won', 'lost'));
UPDATE disputes SET outcome = CASE
    WHEN status = 'lost' THEN 'lost'
    WHEN status IN ('won', 'warning_closed', 'prevented') THEN 'won'
    WHEN status LIKE 'warning\_%' ESCAPE '\' THEN 'inquiry'
    ELSE 'open' END;
