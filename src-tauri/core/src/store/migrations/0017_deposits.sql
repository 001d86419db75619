-- What was paid with an invoice itself, as the vendor has it; of it, never more than the total counts.
ALTER TABLE invoices ADD COLUMN deposit_minor INTEGER NOT NULL DEFAULT 0;
CREATE INDEX invoices_deposits ON invoices (issued_on, currency, deposit_minor, total_minor)
WHERE status = 'open' AND deposit_minor > 0;

-- A deposit that was read before is taken over with the next sync, as if it had just come.
INSERT OR IGNORE INTO parked (connection_id, kind, remote_id, version, updated_at, record)
SELECT connection_id, kind, remote_id, version, json_extract(snapshot, '$.seen_at'), json_extract(snapshot, '$.remote')
FROM links
WHERE kind = 'invoice' AND deleted = 0 AND CAST(json_extract(snapshot, '$.remote.deposit.minor') AS INTEGER) <> 0;

-- Until now both sides knew of none.
UPDATE links SET snapshot = json_set(snapshot,
    '$.remote.deposit', json_object('minor', 0, 'currency', json_extract(snapshot, '$.remote.currency')),
    '$.local.deposit', json_object('minor', 0, 'currency', json_extract(snapshot, '$.remote.currency')))
WHERE kind = 'invoice' AND json_extract(snapshot, '$.remote.currency') IS NOT NULL;
UPDATE outbox SET payload = json_set(payload,
    '$.fields.deposit', json_object('minor', 0, 'currency', json_extract(payload, '$.fields.currency')))
WHERE kind = 'invoice' AND json_extract(payload, '$.fields.currency') IS NOT NULL;
UPDATE outbox SET payload = json_set(payload,
    '$.base.deposit', json_object('minor', 0, 'currency', json_extract(payload, '$.base.currency')))
WHERE kind = 'invoice' AND json_extract(payload, '$.base.currency') IS NOT NULL;
