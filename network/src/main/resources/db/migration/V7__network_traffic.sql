-- The devices of this network. EUIs are the 64 bits as a signed number; times are milliseconds since 1970, UTC.
CREATE TABLE network_device (
    dev_eui     ${int64} PRIMARY KEY,
    join_eui    BIGINT  NOT NULL,
    name        TEXT    NOT NULL,
    mac_version TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL
);

-- The sessions a device may be in: the last it was heard in, and the one after it, until it is heard in that. Keys are
-- sealed. Counters: f_cnt_up the last one heard, the others the next ones to use.
CREATE TABLE network_session (
    dev_eui        BIGINT  NOT NULL,
    number         INTEGER NOT NULL,
    dev_addr       INTEGER NOT NULL,
    join_eui       BIGINT  NOT NULL,
    mac_version    TEXT    NOT NULL,
    network_keys   BYTEA   NOT NULL,
    app_s_key      BYTEA,
    session_key_id BYTEA,
    rx_delay       INTEGER NOT NULL,
    f_cnt_up       BIGINT,
    n_f_cnt_down   BIGINT  NOT NULL DEFAULT 0,
    a_f_cnt_down   BIGINT  NOT NULL DEFAULT 0,
    conf_f_cnt     INTEGER NOT NULL DEFAULT 0,
    created_at     BIGINT  NOT NULL,
    PRIMARY KEY (dev_eui, number)
) ${clustered};
CREATE INDEX network_session_address ON network_session (dev_addr);

-- What applications want to send, the oldest first.
CREATE TABLE network_downlink (
    seq        ${int64} PRIMARY KEY,
    dev_eui    BIGINT  NOT NULL,
    port       INTEGER NOT NULL,
    payload    BYTEA   NOT NULL,
    confirmed  INTEGER NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE INDEX network_downlink_device ON network_downlink (dev_eui, seq);
