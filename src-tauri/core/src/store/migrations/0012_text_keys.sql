-- Keys of texts by Unicode. `search_key`, `same_key`, `number_key` and `barcode_key` are functions that the app gives each
-- connection (see `text`): accents, case, width and what nobody sees don't count in a search, and lists sort by letters.
DROP TRIGGER customers_fts_insert;
DROP TRIGGER customers_fts_delete;
DROP TRIGGER customers_fts_update;
DROP TABLE customers_fts;
DROP TRIGGER items_fts_insert;
DROP TRIGGER items_fts_delete;
DROP TRIGGER items_fts_update;
DROP TABLE items_fts;
DROP TRIGGER orders_fts_insert;
DROP TRIGGER orders_fts_delete;
DROP TRIGGER orders_fts_update;
DROP TABLE orders_fts;
DROP TRIGGER invoices_fts_insert;
DROP TRIGGER invoices_fts_delete;
DROP TRIGGER invoices_fts_update;
DROP TABLE invoices_fts;
DROP TRIGGER payments_fts_insert;
DROP TRIGGER payments_fts_delete;
DROP TRIGGER payments_fts_update;
DROP TABLE payments_fts;
DROP TRIGGER charges_fts_insert;
DROP TRIGGER charges_fts_delete;
DROP TRIGGER charges_fts_update;
DROP TABLE charges_fts;

ALTER TABLE customers ADD COLUMN email_key TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN barcode_key TEXT NOT NULL DEFAULT '';
DROP INDEX customers_by_email;
DROP INDEX items_by_barcode;
-- Only rows whose keys change are written.
UPDATE customers SET name_key = search_key(display_name), email_key = same_key(email)
    WHERE name_key <> search_key(display_name) OR email <> '';
UPDATE items SET name_key = search_key(name), sku_key = search_key(sku), barcode_key = barcode_key(barcode)
    WHERE name_key <> search_key(name) OR sku_key <> search_key(sku) OR barcode <> '';
UPDATE orders SET number_key = search_key(number), number_sort = number_key(number)
    WHERE number_key <> search_key(number) OR number_sort <> number_key(number);
UPDATE order_lines SET sku_key = search_key(sku) WHERE sku_key <> search_key(sku);
UPDATE shipments SET order_number_key = search_key(order_number) WHERE order_number_key <> search_key(order_number);
UPDATE invoices SET number_key = search_key(number), number_sort = number_key(number)
    WHERE number_key <> search_key(number) OR number_sort <> number_key(number);
CREATE INDEX customers_by_email ON customers (email_key) WHERE email_key <> '';
CREATE INDEX items_by_barcode ON items (barcode_key) WHERE barcode_key <> '';

-- Search by any part of a word. The index holds the search keys only; two marks at the end let the last one or two signs begin
-- a term as well, so that words of one or two signs are found in the list of terms.
CREATE VIRTUAL TABLE customers_fts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE customers_fts_terms USING fts5vocab ('customers_fts', 'instance');
INSERT INTO customers_fts (rowid, text)
    SELECT t.row, search_key(t.display_name || char(10) || t.company || char(10) || t.email || char(10) || t.phone) || char(1) || char(1) FROM customers t;
CREATE TRIGGER customers_fts_insert AFTER INSERT ON customers BEGIN
    INSERT INTO customers_fts (rowid, text)
    VALUES (new.row, search_key(new.display_name || char(10) || new.company || char(10) || new.email || char(10) || new.phone) || char(1) || char(1));
END;
CREATE TRIGGER customers_fts_delete AFTER DELETE ON customers BEGIN
    DELETE FROM customers_fts WHERE rowid = old.row;
END;
CREATE TRIGGER customers_fts_update AFTER UPDATE OF display_name, company, email, phone ON customers BEGIN
    DELETE FROM customers_fts WHERE rowid = old.row;
    INSERT INTO customers_fts (rowid, text)
    VALUES (new.row, search_key(new.display_name || char(10) || new.company || char(10) || new.email || char(10) || new.phone) || char(1) || char(1));
END;

CREATE VIRTUAL TABLE items_fts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE items_fts_terms USING fts5vocab ('items_fts', 'instance');
INSERT INTO items_fts (rowid, text)
    SELECT t.row, search_key(t.sku || char(10) || t.name || char(10) || t.barcode || char(10) || t.barcode_key) || char(1) || char(1) FROM items t;
CREATE TRIGGER items_fts_insert AFTER INSERT ON items BEGIN
    INSERT INTO items_fts (rowid, text)
    VALUES (new.row, search_key(new.sku || char(10) || new.name || char(10) || new.barcode || char(10) || new.barcode_key) || char(1) || char(1));
END;
CREATE TRIGGER items_fts_delete AFTER DELETE ON items BEGIN
    DELETE FROM items_fts WHERE rowid = old.row;
END;
CREATE TRIGGER items_fts_update AFTER UPDATE OF sku, name, barcode, barcode_key ON items BEGIN
    DELETE FROM items_fts WHERE rowid = old.row;
    INSERT INTO items_fts (rowid, text)
    VALUES (new.row, search_key(new.sku || char(10) || new.name || char(10) || new.barcode || char(10) || new.barcode_key) || char(1) || char(1));
END;

CREATE VIRTUAL TABLE orders_fts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE orders_fts_terms USING fts5vocab ('orders_fts', 'instance');
INSERT INTO orders_fts (rowid, text)
    SELECT t.row, search_key(t.number || char(10) || t.customer_name || char(10) || t.customer_email) || char(1) || char(1) FROM orders t;
CREATE TRIGGER orders_fts_insert AFTER INSERT ON orders BEGIN
    INSERT INTO orders_fts (rowid, text)
    VALUES (new.row, search_key(new.number || char(10) || new.customer_name || char(10) || new.customer_email) || char(1) || char(1));
END;
CREATE TRIGGER orders_fts_delete AFTER DELETE ON orders BEGIN
    DELETE FROM orders_fts WHERE rowid = old.row;
END;
CREATE TRIGGER orders_fts_update AFTER UPDATE OF number, customer_name, customer_email ON orders BEGIN
    DELETE FROM orders_fts WHERE rowid = old.row;
    INSERT INTO orders_fts (rowid, text)
    VALUES (new.row, search_key(new.number || char(10) || new.customer_name || char(10) || new.customer_email) || char(1) || char(1));
END;

CREATE VIRTUAL TABLE invoices_fts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE invoices_fts_terms USING fts5vocab ('invoices_fts', 'instance');
INSERT INTO invoices_fts (rowid, text)
    SELECT t.row, search_key(t.number || char(10) || t.customer_name || char(10) || t.message || char(10) || t.note) || char(1) || char(1) FROM invoices t;
CREATE TRIGGER invoices_fts_insert AFTER INSERT ON invoices BEGIN
    INSERT INTO invoices_fts (rowid, text)
    VALUES (new.row, search_key(new.number || char(10) || new.customer_name || char(10) || new.message || char(10) || new.note) || char(1) || char(1));
END;
CREATE TRIGGER invoices_fts_delete AFTER DELETE ON invoices BEGIN
    DELETE FROM invoices_fts WHERE rowid = old.row;
END;
CREATE TRIGGER invoices_fts_update AFTER UPDATE OF number, customer_name, message, note ON invoices BEGIN
    DELETE FROM invoices_fts WHERE rowid = old.row;
    INSERT INTO invoices_fts (rowid, text)
    VALUES (new.row, search_key(new.number || char(10) || new.customer_name || char(10) || new.message || char(10) || new.note) || char(1) || char(1));
END;

CREATE VIRTUAL TABLE payments_fts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE payments_fts_terms USING fts5vocab ('payments_fts', 'instance');
INSERT INTO payments_fts (rowid, text)
    SELECT t.row, search_key(t.customer_name || char(10) || t.reference || char(10) || t.method || char(10) || t.note) || char(1) || char(1) FROM payments t;
CREATE TRIGGER payments_fts_insert AFTER INSERT ON payments BEGIN
    INSERT INTO payments_fts (rowid, text)
    VALUES (new.row, search_key(new.customer_name || char(10) || new.reference || char(10) || new.method || char(10) || new.note) || char(1) || char(1));
END;
CREATE TRIGGER payments_fts_delete AFTER DELETE ON payments BEGIN
    DELETE FROM payments_fts WHERE rowid = old.row;
END;
CREATE TRIGGER payments_fts_update AFTER UPDATE OF customer_name, reference, method, note ON payments BEGIN
    DELETE FROM payments_fts WHERE rowid = old.row;
    INSERT INTO payments_fts (rowid, text)
    VALUES (new.row, search_key(new.customer_name || char(10) || new.reference || char(10) || new.method || char(10) || new.note) || char(1) || char(1));
END;

CREATE VIRTUAL TABLE charges_fts USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE charges_fts_terms USING fts5vocab ('charges_fts', 'instance');
INSERT INTO charges_fts (rowid, text)
    SELECT t.row, search_key(t.remote_id || char(10) || t.customer_name || char(10) || t.customer_email || char(10) || t.description) || char(1) || char(1) FROM charges t;
CREATE TRIGGER charges_fts_insert AFTER INSERT ON charges BEGIN
    INSERT INTO charges_fts (rowid, text)
    VALUES (new.row, search_key(new.remote_id || char(10) || new.customer_name || char(10) || new.customer_email || char(10) || new.description) || char(1) || char(1));
END;
CREATE TRIGGER charges_fts_delete AFTER DELETE ON charges BEGIN
    DELETE FROM charges_fts WHERE rowid = old.row;
END;
CREATE TRIGGER charges_fts_update AFTER UPDATE OF remote_id, customer_name, customer_email, description ON charges BEGIN
    DELETE FROM charges_fts WHERE rowid = old.row;
    INSERT INTO charges_fts (rowid, text)
    VALUES (new.row, search_key(new.remote_id || char(10) || new.customer_name || char(10) || new.customer_email || char(10) || new.description) || char(1) || char(1));
END;
