-- Which run made a change, and all changes of a kind in the order of their times.

-- The run of the sync that made the change, an undo included; NULL for what the owner did.
ALTER TABLE history ADD COLUMN run_id TEXT;

-- What vendors and undos did until now was done by the run of that time; only one is ever open.
CREATE INDEX runs_by_start ON runs (started_at);
UPDATE history SET run_id = (
    SELECT CASE WHEN r.finished_at IS NULL OR r.finished_at >= history.at THEN r.id END
    FROM runs r WHERE r.started_at <= history.at ORDER BY r.started_at DESC LIMIT 1
) WHERE who <> 'owner';
DROP INDEX runs_by_start;

CREATE INDEX history_by_time ON history (kind, at, local_id);
