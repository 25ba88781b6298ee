-- From which session a device asked for this one, as the MIC of its rejoin-request told: it may still be in that. No bytes: a
-- rejoin-request that did not tell. Null: a join-request, of a device that was in none any more.
ALTER TABLE device_session ADD COLUMN rejoined_from BYTEA;
CREATE INDEX device_session_rejoined_from ON device_session (rejoined_from) WHERE rejoined_from IS NOT NULL;
