-- The nodes that serve this database now. Each writes the time every few seconds; one whose time stands still is gone.
CREATE TABLE network_node (
    node    ${int64} PRIMARY KEY,
    seen_at BIGINT NOT NULL
);

-- Where each gateway was connected last, and until when; it is connected while disconnected_at is empty.
CREATE TABLE network_connection (
    eui             ${int64} PRIMARY KEY,
    node            BIGINT NOT NULL,
    connected_at    BIGINT NOT NULL,
    disconnected_at BIGINT
);
CREATE INDEX network_connection_time ON network_connection (connected_at);

-- The join-request of a device that was taken up last, so that of several nodes that hear it one takes it up.
CREATE TABLE network_join (
    dev_eui   ${int64} PRIMARY KEY,
    dev_nonce INTEGER NOT NULL,
    heard_at  BIGINT  NOT NULL
);

-- When the last uplink was accepted: what comes soon after it with the same counter is a copy.
ALTER TABLE network_session ADD COLUMN heard_at BIGINT;

-- Numbers that are given out once.
CREATE TABLE network_counter (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO network_counter (name, value) SELECT 'downlink', COALESCE(MAX(seq), 0) FROM network_downlink;
