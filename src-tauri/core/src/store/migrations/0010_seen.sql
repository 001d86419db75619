-- A short name of what the record said over there when it was last taken over, so that the same page once more costs next to
-- nothing. Empty after anything else happened to the link.
ALTER TABLE links ADD COLUMN seen TEXT;
