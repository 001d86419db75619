-- Unit prices become finer than the currency. `_minor` keeps the whole minor units; `_finer` is what goes beyond them, in
-- ten-millionths of the major unit and with the same sign. So every price stored before is exact as it is, whatever the decimals
-- of its currency, and no row is rewritten however large the file.
ALTER TABLE items ADD COLUMN unit_price_finer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN unit_cost_finer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_lines ADD COLUMN unit_price_finer INTEGER NOT NULL DEFAULT 0;
ALTER TABLE invoice_lines ADD COLUMN unit_price_finer INTEGER NOT NULL DEFAULT 0;
