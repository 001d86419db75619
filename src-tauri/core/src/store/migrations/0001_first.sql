-- The first format. Amounts are minor units (_minor), quantities are ten-thousandths of a piece (_scaled), rates are parts per
-- million (_ppm), moments are RFC 3339 in UTC, days are YYYY-MM-DD, ids are UUIDv7 texts, addresses and lists are JSON.
-- Searchable tables carry an explicit `row`, because FTS5 refers to it and VACUUM may renumber implicit rowids.

CREATE TABLE terms (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    due_days INTEGER NOT NULL CHECK (due_days BETWEEN 0 AND 3650)
) STRICT;

CREATE TABLE tax_codes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT tax_code_name UNIQUE,
    rate_ppm INTEGER NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000),
    archived INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE locations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT location_name UNIQUE,
    is_default INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE company (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    email TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '{}',
    invoice_pattern TEXT NOT NULL,
    next_invoice_number INTEGER NOT NULL,
    number_restart TEXT NOT NULL,
    -- The year or month the counter belongs to, such as 2026 or 2026-11.
    number_period TEXT NOT NULL DEFAULT '',
    next_order_number INTEGER NOT NULL DEFAULT 1001,
    default_terms_id TEXT REFERENCES terms (id),
    default_tax_code_id TEXT REFERENCES tax_codes (id)
) STRICT;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE customers (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    display_name TEXT NOT NULL,
    -- Lower case, for order and for finding the same name again.
    name_key TEXT NOT NULL,
    company TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    billing TEXT NOT NULL,
    shipping TEXT NOT NULL,
    notes TEXT NOT NULL,
    terms_id TEXT REFERENCES terms (id),
    currency TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    -- Kept by the transaction that changes an invoice or payment; proven against the ledger by `doctor`.
    open_minor INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX customers_by_name ON customers (archived, name_key, id);
CREATE INDEX customers_by_open ON customers (archived, open_minor, id);
CREATE INDEX customers_by_update ON customers (archived, updated_at, id);
CREATE INDEX customers_by_key ON customers (name_key);
CREATE INDEX customers_by_email ON customers (email) WHERE email <> '';

CREATE TABLE items (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    sku TEXT NOT NULL,
    sku_key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    barcode TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('stocked', 'non_stocked', 'service')),
    currency TEXT NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    unit_cost_minor INTEGER,
    tax_code_id TEXT REFERENCES tax_codes (id),
    taxable INTEGER NOT NULL DEFAULT 1,
    reorder_point_scaled INTEGER,
    archived INTEGER NOT NULL DEFAULT 0,
    -- Sums over all locations, kept by the transaction that moves stock.
    on_hand_scaled INTEGER NOT NULL DEFAULT 0,
    allocated_scaled INTEGER NOT NULL DEFAULT 0,
    available_scaled INTEGER NOT NULL GENERATED ALWAYS AS (on_hand_scaled - allocated_scaled) STORED,
    low INTEGER NOT NULL GENERATED ALWAYS AS (
        reorder_point_scaled IS NOT NULL AND on_hand_scaled - allocated_scaled <= reorder_point_scaled
    ) STORED,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX items_by_name ON items (archived, name_key, id);
CREATE INDEX items_by_sku ON items (archived, sku_key, id);
CREATE INDEX items_by_available ON items (archived, available_scaled, id);
CREATE INDEX items_by_update ON items (archived, updated_at, id);
CREATE INDEX items_low_by_name ON items (archived, name_key, id) WHERE low = 1;
CREATE INDEX items_low_by_sku ON items (archived, sku_key, id) WHERE low = 1;
CREATE INDEX items_low_by_available ON items (archived, available_scaled, id) WHERE low = 1;
CREATE INDEX items_low_by_update ON items (archived, updated_at, id) WHERE low = 1;
CREATE INDEX items_by_sku_key ON items (sku_key) WHERE sku_key <> '';
CREATE INDEX items_by_name_key ON items (name_key);
CREATE INDEX items_by_barcode ON items (barcode) WHERE barcode <> '';

CREATE TABLE stock_levels (
    item_id TEXT NOT NULL REFERENCES items (id),
    location_id TEXT NOT NULL REFERENCES locations (id),
    on_hand_scaled INTEGER NOT NULL DEFAULT 0,
    allocated_scaled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (item_id, location_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_movements (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    item_id TEXT NOT NULL REFERENCES items (id),
    location_id TEXT NOT NULL REFERENCES locations (id),
    kind TEXT NOT NULL,
    quantity_scaled INTEGER NOT NULL,
    on_hand_after_scaled INTEGER NOT NULL,
    note TEXT NOT NULL,
    -- The shipment or order behind it; with `kind` it makes applying a shipment twice harmless.
    source_kind TEXT NOT NULL DEFAULT '',
    source_id TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    UNIQUE (id, location_id)
) STRICT;
CREATE INDEX stock_movements_by_item ON stock_movements (item_id, row);
CREATE INDEX stock_movements_by_source ON stock_movements (source_kind, source_id) WHERE source_id <> '';

CREATE TABLE orders (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL,
    -- The number with its digits padded, so that 999 comes before 1000.
    number_sort TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('awaiting_payment', 'open', 'on_hold', 'partly_shipped', 'shipped', 'cancelled')),
    ordered_at TEXT NOT NULL,
    -- The day in the company's time zone, as lists show it.
    ordered_on TEXT NOT NULL,
    hold_until TEXT,
    customer_id TEXT REFERENCES customers (id),
    customer_name TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    billing TEXT NOT NULL,
    ship_to TEXT NOT NULL,
    currency TEXT NOT NULL,
    shipping_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    line_count INTEGER NOT NULL,
    customer_note TEXT NOT NULL,
    internal_note TEXT NOT NULL,
    requested_service TEXT NOT NULL,
    -- `owner`, or the id of the vendor it came from.
    source TEXT NOT NULL,
    parent_remote_id TEXT,
    invoice_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX orders_by_time ON orders (ordered_at, id);
CREATE INDEX orders_by_status ON orders (status, ordered_at, id);
CREATE INDEX orders_by_number ON orders (number_sort, id);
CREATE INDEX orders_by_number_key ON orders (number_key, ordered_at);
CREATE INDEX orders_by_total ON orders (total_minor, id);
CREATE INDEX orders_by_status_number ON orders (status, number_sort, id);
CREATE INDEX orders_by_status_total ON orders (status, total_minor, id);
CREATE INDEX orders_by_customer ON orders (customer_id, ordered_at);

CREATE TABLE order_lines (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    -- The line's key with the vendor it came from; empty for our own lines, whose key is their id.
    line_key TEXT NOT NULL DEFAULT '',
    item_id TEXT REFERENCES items (id),
    sku TEXT NOT NULL,
    sku_key TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity_scaled INTEGER NOT NULL,
    shipped_scaled INTEGER NOT NULL DEFAULT 0,
    unit_price_minor INTEGER NOT NULL,
    adjustment INTEGER NOT NULL DEFAULT 0,
    -- Promised from stock for this line right now, and where.
    allocated_scaled INTEGER NOT NULL DEFAULT 0,
    location_id TEXT REFERENCES locations (id)
) STRICT;
CREATE INDEX order_lines_by_order ON order_lines (order_id, position);
CREATE INDEX order_lines_by_item ON order_lines (item_id) WHERE item_id IS NOT NULL;
CREATE INDEX order_lines_without_item ON order_lines (sku_key) WHERE item_id IS NULL AND sku_key <> '';

CREATE TABLE shipments (
    id TEXT PRIMARY KEY,
    order_id TEXT REFERENCES orders (id),
    order_number TEXT NOT NULL,
    order_number_key TEXT NOT NULL,
    carrier TEXT NOT NULL,
    service TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    shipped_on TEXT,
    cost_minor INTEGER,
    currency TEXT NOT NULL,
    voided INTEGER NOT NULL DEFAULT 0,
    is_return INTEGER NOT NULL DEFAULT 0,
    -- Whether its goods have been taken from stock; a void puts them back once.
    applied INTEGER NOT NULL DEFAULT 0,
    -- Off while nobody has said what is in it.
    lines_known INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX shipments_by_order ON shipments (order_id);
CREATE INDEX shipments_without_order ON shipments (order_number_key) WHERE order_id IS NULL;

CREATE TABLE shipment_lines (
    shipment_id TEXT NOT NULL REFERENCES shipments (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    line_key TEXT NOT NULL,
    order_line_id TEXT,
    item_id TEXT REFERENCES items (id),
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity_scaled INTEGER NOT NULL,
    PRIMARY KEY (shipment_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE invoices (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    number TEXT NOT NULL,
    -- For finding it again, and for order.
    number_key TEXT NOT NULL,
    number_sort TEXT NOT NULL,
    -- Paid, partly paid and overdue follow from balance and due day.
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'void')),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    -- The name as it is now, for lists and search; a trigger keeps it.
    customer_name TEXT NOT NULL,
    currency TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    terms_id TEXT REFERENCES terms (id),
    tax_inclusive INTEGER NOT NULL DEFAULT 0,
    -- What the owner typed (`10%`), beside what it came to.
    discount_text TEXT NOT NULL,
    discount_minor INTEGER NOT NULL,
    shipping_minor INTEGER NOT NULL,
    subtotal_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    paid_minor INTEGER NOT NULL DEFAULT 0,
    balance_minor INTEGER NOT NULL,
    standing TEXT NOT NULL GENERATED ALWAYS AS (
        CASE WHEN status = 'open' AND balance_minor = 0 THEN 'paid' ELSE status END
    ) STORED,
    message TEXT NOT NULL,
    note TEXT NOT NULL,
    email TEXT NOT NULL,
    billing TEXT NOT NULL,
    shipping_address TEXT NOT NULL,
    order_id TEXT REFERENCES orders (id),
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX invoices_by_issue ON invoices (issued_on, id);
CREATE INDEX invoices_by_due ON invoices (due_on, id);
CREATE INDEX invoices_by_number ON invoices (number_sort, id);
CREATE INDEX invoices_by_key ON invoices (number_key);
CREATE INDEX invoices_by_total ON invoices (total_minor, id);
CREATE INDEX invoices_by_balance ON invoices (balance_minor, id);
-- The filters of the list, each in every order.
CREATE INDEX invoices_standing_by_issue ON invoices (standing, issued_on, id);
CREATE INDEX invoices_standing_by_due ON invoices (standing, due_on, id);
CREATE INDEX invoices_standing_by_number ON invoices (standing, number_sort, id);
CREATE INDEX invoices_standing_by_total ON invoices (standing, total_minor, id);
CREATE INDEX invoices_standing_by_balance ON invoices (standing, balance_minor, id);
CREATE INDEX invoices_open ON invoices (customer_id, due_on, balance_minor, currency)
    WHERE status = 'open' AND balance_minor <> 0;
CREATE INDEX invoices_by_customer ON invoices (customer_id, issued_on);

CREATE TABLE invoice_lines (
    id TEXT PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    remote_line TEXT,
    item_id TEXT REFERENCES items (id),
    description TEXT NOT NULL,
    quantity_scaled INTEGER NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    discount_text TEXT NOT NULL DEFAULT '',
    amount_minor INTEGER NOT NULL,
    taxable INTEGER NOT NULL DEFAULT 0,
    tax_code_id TEXT REFERENCES tax_codes (id)
) STRICT;
CREATE INDEX invoice_lines_by_invoice ON invoice_lines (invoice_id, position);

CREATE TABLE invoice_taxes (
    invoice_id TEXT NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL,
    taxable_minor INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (invoice_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE payments (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    customer_name TEXT NOT NULL,
    received_on TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    unapplied_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    note TEXT NOT NULL,
    -- `processor`: the money is booked from the processor's balance entries, not from here.
    deposit_to TEXT NOT NULL DEFAULT 'bank' CHECK (deposit_to IN ('bank', 'processor')),
    voided INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX payments_by_day ON payments (received_on, id);
CREATE INDEX payments_received ON payments (received_on, currency, amount_minor) WHERE voided = 0;
CREATE INDEX payments_by_amount ON payments (amount_minor, id);
CREATE INDEX payments_by_customer ON payments (customer_id, received_on);
CREATE INDEX payments_by_reference ON payments (reference) WHERE reference <> '';
CREATE INDEX payments_unapplied ON payments (received_on, id) WHERE unapplied_minor <> 0 AND voided = 0;
CREATE INDEX payments_unapplied_by_amount ON payments (amount_minor, id) WHERE unapplied_minor <> 0 AND voided = 0;
CREATE INDEX payments_credit ON payments (customer_id, unapplied_minor, currency)
    WHERE unapplied_minor <> 0 AND voided = 0;

CREATE TABLE payment_applications (
    payment_id TEXT NOT NULL REFERENCES payments (id) ON DELETE CASCADE,
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (payment_id, invoice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_applications_by_invoice ON payment_applications (invoice_id);

-- Append-only: a correction is a reversal plus a new entry. Debits are positive.
CREATE TABLE ledger_entries (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    booked_on TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    text TEXT NOT NULL,
    reverses TEXT REFERENCES ledger_entries (id)
) STRICT;
CREATE INDEX ledger_entries_by_source ON ledger_entries (source_kind, source_id);
CREATE UNIQUE INDEX ledger_entries_reversed_once ON ledger_entries (reverses) WHERE reverses IS NOT NULL;

CREATE TABLE ledger_postings (
    entry_id TEXT NOT NULL REFERENCES ledger_entries (id),
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    customer_id TEXT REFERENCES customers (id),
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    PRIMARY KEY (entry_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_postings_by_customer ON ledger_postings (customer_id, amount_minor) WHERE customer_id IS NOT NULL;
CREATE TRIGGER ledger_entries_are_final BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'ledger entries are final'); END;
CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'ledger entries are final'); END;
CREATE TRIGGER ledger_postings_are_final BEFORE UPDATE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'ledger postings are final'); END;
CREATE TRIGGER ledger_postings_stay BEFORE DELETE ON ledger_postings
BEGIN SELECT RAISE(ABORT, 'ledger postings are final'); END;

CREATE TABLE ledger_balances (
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (account, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    vendor TEXT NOT NULL,
    environment TEXT NOT NULL CHECK (environment IN ('production', 'practice')),
    account_id TEXT NOT NULL,
    account_name TEXT NOT NULL,
    mode TEXT,
    currency TEXT,
    state TEXT NOT NULL CHECK (state IN ('ready', 'unreachable', 'needs_sign_in')),
    state_text TEXT NOT NULL DEFAULT '',
    -- Replaced base URLs, chosen settings, and the vendor's options as last fetched. Never a secret.
    endpoints TEXT NOT NULL DEFAULT '{}',
    settings TEXT NOT NULL DEFAULT '{}',
    choices TEXT NOT NULL DEFAULT '[]',
    redirect_uri TEXT,
    -- Set once everything the owner had before connecting has been offered to the vendor.
    backfilled INTEGER NOT NULL DEFAULT 0,
    last_synced_at TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT connection_account UNIQUE (vendor, environment, account_id)
) STRICT;

CREATE TABLE connection_kinds (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    sends INTEGER NOT NULL,
    receives INTEGER NOT NULL,
    PRIMARY KEY (connection_id, kind)
) STRICT, WITHOUT ROWID;

-- Local id ↔ remote id. `snapshot` is the neutral record both sides last agreed on; a deleted link is a tombstone.
CREATE TABLE links (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    local_id TEXT NOT NULL,
    version TEXT,
    snapshot TEXT,
    agreed_at TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX links_by_local ON links (kind, local_id, connection_id) WHERE deleted = 0;

CREATE TABLE outbox (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    local_id TEXT NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('create', 'update', 'retire')),
    -- Part of the idempotency key; raised when a new effect is wanted under the same entry.
    generation INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'retrying', 'unknown', 'rejected')),
    -- The neutral record as first sent; every further try sends exactly this.
    payload TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,
    why TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_connection ON outbox (connection_id, row);
CREATE INDEX outbox_by_record ON outbox (kind, local_id);

CREATE TABLE cursors (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    stream TEXT NOT NULL,
    cursor TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (connection_id, stream)
) STRICT, WITHOUT ROWID;

-- Records that came in and could not be applied yet, as they came. Each run tries them again.
CREATE TABLE parked (
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    version TEXT,
    updated_at TEXT,
    record TEXT NOT NULL,
    PRIMARY KEY (connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    trigger TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;
CREATE UNIQUE INDEX runs_open ON runs (state) WHERE state = 'running';

-- No foreign key to connections: a run stays readable after its connection is gone.
CREATE TABLE run_parts (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    vendor_name TEXT NOT NULL,
    account_name TEXT NOT NULL,
    state TEXT NOT NULL,
    step TEXT NOT NULL DEFAULT '',
    read_count INTEGER NOT NULL DEFAULT 0,
    created_count INTEGER NOT NULL DEFAULT 0,
    updated_count INTEGER NOT NULL DEFAULT 0,
    sent_count INTEGER NOT NULL DEFAULT 0,
    problem_count INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    PRIMARY KEY (run_id, connection_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_changes (
    row INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    vendor_name TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind TEXT NOT NULL,
    local_id TEXT,
    title TEXT NOT NULL,
    action TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;
CREATE INDEX run_changes_by_run ON run_changes (run_id, row);

CREATE TABLE problems (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    local_id TEXT,
    remote_id TEXT,
    outbox_id TEXT,
    title TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    advice TEXT NOT NULL,
    vendor_text TEXT NOT NULL,
    action TEXT NOT NULL,
    since TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX problems_by_record ON problems (kind, local_id);
CREATE INDEX problems_by_connection ON problems (connection_id, row);

CREATE TABLE history (
    row INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    local_id TEXT NOT NULL,
    at TEXT NOT NULL,
    -- `owner`, or the vendor's name.
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_record ON history (kind, local_id, row);

CREATE TABLE charges (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT NOT NULL,
    balance_entry_remote_id TEXT,
    failure TEXT NOT NULL,
    invoice_id TEXT REFERENCES invoices (id),
    payment_id TEXT REFERENCES payments (id),
    UNIQUE (connection_id, remote_id)
) STRICT;
CREATE INDEX charges_by_time ON charges (created_at, id);
CREATE INDEX charges_by_payment ON charges (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX charges_by_amount ON charges (amount_minor, id);
CREATE INDEX charges_unmatched ON charges (created_at, id) WHERE invoice_id IS NULL AND status = 'succeeded';
CREATE INDEX charges_unmatched_by_amount ON charges (amount_minor, id) WHERE invoice_id IS NULL AND status = 'succeeded';

CREATE TABLE refunds (
    id TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    charge_remote_id TEXT,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (connection_id, remote_id)
) STRICT;

CREATE TABLE disputes (
    id TEXT PRIMARY KEY,
    connection_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    charge_remote_id TEXT,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    respond_by TEXT,
    UNIQUE (connection_id, remote_id)
) STRICT;
CREATE INDEX disputes_by_charge ON disputes (connection_id, charge_remote_id) WHERE charge_remote_id IS NOT NULL;

CREATE TABLE payouts (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    arrives_on TEXT NOT NULL,
    created_at TEXT NOT NULL,
    automatic INTEGER NOT NULL,
    failure TEXT NOT NULL,
    -- Count and sums of its balance entries, without the payout's own row.
    entry_count INTEGER NOT NULL DEFAULT 0,
    gross_minor INTEGER NOT NULL DEFAULT 0,
    fee_minor INTEGER NOT NULL DEFAULT 0,
    net_minor INTEGER NOT NULL DEFAULT 0,
    -- Entries of payouts outside the schedule are not told, so only known ones count against those.
    unproven INTEGER NOT NULL GENERATED ALWAYS AS (
        net_minor <> amount_minor AND (automatic = 1 OR entry_count > 0)
    ) STORED,
    UNIQUE (connection_id, remote_id)
) STRICT;
CREATE INDEX payouts_by_day ON payouts (arrives_on, id);
CREATE INDEX payouts_by_amount ON payouts (amount_minor, id);
CREATE INDEX payouts_unproven ON payouts (arrives_on, id) WHERE unproven = 1;
CREATE INDEX payouts_unproven_by_amount ON payouts (amount_minor, id) WHERE unproven = 1;

CREATE TABLE balance_entries (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    connection_id TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    category TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL,
    net_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    created_at TEXT NOT NULL,
    available_on TEXT,
    source_remote_id TEXT,
    payout_remote_id TEXT,
    description TEXT NOT NULL,
    UNIQUE (connection_id, remote_id)
) STRICT;
CREATE INDEX balance_entries_by_payout ON balance_entries (connection_id, payout_remote_id)
    WHERE payout_remote_id IS NOT NULL;
CREATE INDEX balance_entries_by_source ON balance_entries (connection_id, source_remote_id)
    WHERE source_remote_id IS NOT NULL;

-- Search by any part of a word. External content: the text lives once, in its table.
CREATE VIRTUAL TABLE customers_fts USING fts5 (
    display_name, company, email, phone, content = 'customers', content_rowid = 'row', tokenize = 'trigram'
);
CREATE TRIGGER customers_fts_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_fts (rowid, display_name, company, email, phone)
    VALUES (new.row, new.display_name, new.company, new.email, new.phone);
END;
CREATE TRIGGER customers_fts_delete AFTER DELETE ON customers BEGIN
    INSERT INTO customers_fts (customers_fts, rowid, display_name, company, email, phone)
    VALUES ('delete', old.row, old.display_name, old.company, old.email, old.phone);
END;
CREATE TRIGGER customers_fts_update AFTER UPDATE OF display_name, company, email, phone ON customers BEGIN
    INSERT INTO customers_fts (customers_fts, rowid, display_name, company, email, phone)
    VALUES ('delete', old.row, old.display_name, old.company, old.email, old.phone);
    INSERT INTO customers_fts (rowid, display_name, company, email, phone)
    VALUES (new.row, new.display_name, new.company, new.email, new.phone);
END;

CREATE VIRTUAL TABLE items_fts USING fts5 (
    sku, name, barcode, content = 'items', content_rowid = 'row', tokenize = 'trigram'
);
CREATE TRIGGER items_fts_insert AFTER INSERT ON items BEGIN
    INSERT INTO items_fts (rowid, sku, name, barcode) VALUES (new.row, new.sku, new.name, new.barcode);
END;
CREATE TRIGGER items_fts_delete AFTER DELETE ON items BEGIN
    INSERT INTO items_fts (items_fts, rowid, sku, name, barcode)
    VALUES ('delete', old.row, old.sku, old.name, old.barcode);
END;
CREATE TRIGGER items_fts_update AFTER UPDATE OF sku, name, barcode ON items BEGIN
    INSERT INTO items_fts (items_fts, rowid, sku, name, barcode)
    VALUES ('delete', old.row, old.sku, old.name, old.barcode);
    INSERT INTO items_fts (rowid, sku, name, barcode) VALUES (new.row, new.sku, new.name, new.barcode);
END;

CREATE VIRTUAL TABLE orders_fts USING fts5 (
    number, customer_name, customer_email, content = 'orders', content_rowid = 'row', tokenize = 'trigram'
);
CREATE TRIGGER orders_fts_insert AFTER INSERT ON orders BEGIN
    INSERT INTO orders_fts (rowid, number, customer_name, customer_email)
    VALUES (new.row, new.number, new.customer_name, new.customer_email);
END;
CREATE TRIGGER orders_fts_delete AFTER DELETE ON orders BEGIN
    INSERT INTO orders_fts (orders_fts, rowid, number, customer_name, customer_email)
    VALUES ('delete', old.row, old.number, old.customer_name, old.customer_email);
END;
CREATE TRIGGER orders_fts_update AFTER UPDATE OF number, customer_name, customer_email ON orders BEGIN
    INSERT INTO orders_fts (orders_fts, rowid, number, customer_name, customer_email)
    VALUES ('delete', old.row, old.number, old.customer_name, old.customer_email);
    INSERT INTO orders_fts (rowid, number, customer_name, customer_email)
    VALUES (new.row, new.number, new.customer_name, new.customer_email);
END;

CREATE VIRTUAL TABLE invoices_fts USING fts5 (
    number, customer_name, message, note, content = 'invoices', content_rowid = 'row', tokenize = 'trigram'
);
CREATE TRIGGER invoices_fts_insert AFTER INSERT ON invoices BEGIN
    INSERT INTO invoices_fts (rowid, number, customer_name, message, note)
    VALUES (new.row, new.number, new.customer_name, new.message, new.note);
END;
CREATE TRIGGER invoices_fts_delete AFTER DELETE ON invoices BEGIN
    INSERT INTO invoices_fts (invoices_fts, rowid, number, customer_name, message, note)
    VALUES ('delete', old.row, old.number, old.customer_name, old.message, old.note);
END;
CREATE TRIGGER invoices_fts_update AFTER UPDATE OF number, customer_name, message, note ON invoices BEGIN
    INSERT INTO invoices_fts (invoices_fts, rowid, number, customer_name, message, note)
    VALUES ('delete', old.row, old.number, old.customer_name, old.message, old.note);
    INSERT INTO invoices_fts (rowid, number, customer_name, message, note)
    VALUES (new.row, new.number, new.customer_name, new.message, new.note);
END;

CREATE VIRTUAL TABLE payments_fts USING fts5 (
    customer_name, reference, method, note, content = 'payments', content_rowid = 'row', tokenize = 'trigram'
);
CREATE TRIGGER payments_fts_insert AFTER INSERT ON payments BEGIN
    INSERT INTO payments_fts (rowid, customer_name, reference, method, note)
    VALUES (new.row, new.customer_name, new.reference, new.method, new.note);
END;
CREATE TRIGGER payments_fts_delete AFTER DELETE ON payments BEGIN
    INSERT INTO payments_fts (payments_fts, rowid, customer_name, reference, method, note)
    VALUES ('delete', old.row, old.customer_name, old.reference, old.method, old.note);
END;
CREATE TRIGGER payments_fts_update AFTER UPDATE OF customer_name, reference, method, note ON payments BEGIN
    INSERT INTO payments_fts (payments_fts, rowid, customer_name, reference, method, note)
    VALUES ('delete', old.row, old.customer_name, old.reference, old.method, old.note);
    INSERT INTO payments_fts (rowid, customer_name, reference, method, note)
    VALUES (new.row, new.customer_name, new.reference, new.method, new.note);
END;

CREATE VIRTUAL TABLE charges_fts USING fts5 (
    remote_id, customer_name, customer_email, description, content = 'charges', content_rowid = 'row', tokenize = 'trigram'
);
CREATE TRIGGER charges_fts_insert AFTER INSERT ON charges BEGIN
    INSERT INTO charges_fts (rowid, remote_id, customer_name, customer_email, description)
    VALUES (new.row, new.remote_id, new.customer_name, new.customer_email, new.description);
END;
CREATE TRIGGER charges_fts_delete AFTER DELETE ON charges BEGIN
    INSERT INTO charges_fts (charges_fts, rowid, remote_id, customer_name, customer_email, description)
    VALUES ('delete', old.row, old.remote_id, old.customer_name, old.customer_email, old.description);
END;
CREATE TRIGGER charges_fts_update AFTER UPDATE OF remote_id, customer_name, customer_email, description ON charges BEGIN
    INSERT INTO charges_fts (charges_fts, rowid, remote_id, customer_name, customer_email, description)
    VALUES ('delete', old.row, old.remote_id, old.customer_name, old.customer_email, old.description);
    INSERT INTO charges_fts (rowid, remote_id, customer_name, customer_email, description)
    VALUES (new.row, new.remote_id, new.customer_name, new.customer_email, new.description);
END;

CREATE TRIGGER customers_renamed AFTER UPDATE OF display_name ON customers WHEN old.display_name <> new.display_name BEGIN
    UPDATE invoices SET customer_name = new.display_name WHERE customer_id = new.id;
    UPDATE payments SET customer_name = new.display_name WHERE customer_id = new.id;
END;
