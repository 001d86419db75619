-- The setting of the connection that mends a problem, where it is one.
ALTER TABLE problems ADD COLUMN setting TEXT;
