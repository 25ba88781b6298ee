-- The servers that gateways are sent to (HOST:PORT), and the root (DER) that their chains were seen to end in, or that was
-- pinned. Times are milliseconds since 1970, UTC.
CREATE TABLE trusted_server (
    server     TEXT    PRIMARY KEY,
    root       BYTEA,
    pinned     INTEGER NOT NULL,
    seen_at    BIGINT  NOT NULL,
    tried_at   BIGINT  NOT NULL,
    changed_at BIGINT,
    problem    TEXT
);
CREATE INDEX trusted_server_pinned ON trusted_server (server) WHERE pinned = 1;
