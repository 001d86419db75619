-- Which of a record's links is the newest, whatever the clock said when each was made: it can be set back.
ALTER TABLE links ADD COLUMN made INTEGER NOT NULL DEFAULT 1;
UPDATE links SET made = ranked.made
FROM (
    SELECT connection_id, kind, remote_id,
        row_number() OVER (PARTITION BY connection_id, kind, local_id ORDER BY deleted DESC, agreed_at) AS made
    FROM links
) AS ranked
WHERE ranked.made > 1 AND links.connection_id = ranked.connection_id AND links.kind = ranked.kind
    AND links.remote_id = ranked.remote_id;
CREATE INDEX links_of_record ON links (kind, local_id, connection_id, deleted, made);
