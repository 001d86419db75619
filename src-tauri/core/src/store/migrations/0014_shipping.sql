-- Whose words are whose, what was not sent, and parcels that are reported to a vendor.

-- What happened to the letter, in our own words; `vendor_text` holds the vendor's alone.
ALTER TABLE problems ADD COLUMN detail TEXT NOT NULL DEFAULT '';
UPDATE problems SET detail = substr(vendor_text, instr(vendor_text, ': ') + 2), vendor_text = ''
WHERE vendor_text LIKE 'not\_sendable: %' ESCAPE '\' OR vendor_text LIKE 'not\_sent: %' ESCAPE '\'
    OR vendor_text LIKE 'read\_only: %' ESCAPE '\' OR vendor_text LIKE 'locked: %'
    OR vendor_text LIKE 'no\_store: %' ESCAPE '\' OR vendor_text LIKE 'name\_characters: %' ESCAPE '\';

-- Tries before the owner said "try again"; `attempts` counts those since.
ALTER TABLE outbox ADD COLUMN tried_before INTEGER NOT NULL DEFAULT 0;

-- While set, the vendor still lacks what was not sent: the record is not in sync. `fields` names what it is about.
ALTER TABLE dropped ADD COLUMN fields TEXT NOT NULL DEFAULT '[]';
ALTER TABLE dropped ADD COLUMN lacking INTEGER NOT NULL DEFAULT 0 CHECK (lacking IN (0, 1));
CREATE INDEX dropped_lacking ON dropped (kind, local_id) WHERE lacking = 1;

-- The vendor's own id of a line, by which it is found again before any key.
ALTER TABLE order_lines ADD COLUMN remote_line TEXT NOT NULL DEFAULT '';
ALTER TABLE shipment_lines ADD COLUMN remote_line TEXT NOT NULL DEFAULT '';

-- Whether a vendor that is told of a parcel of ours is to write to the buyer, and to tell the shop the order comes from.
ALTER TABLE shipments ADD COLUMN notify_buyer INTEGER NOT NULL DEFAULT 0 CHECK (notify_buyer IN (0, 1));
ALTER TABLE shipments ADD COLUMN notify_channel INTEGER NOT NULL DEFAULT 0 CHECK (notify_channel IN (0, 1));

-- Where orders go out and parcels come in, parcels of ours now go out too.
UPDATE connection_kinds SET sends = 1
WHERE kind = 'shipment' AND receives = 1
    AND connection_id IN (SELECT connection_id FROM connection_kinds WHERE kind = 'order' AND sends = 1);
