-- The Join Server. EUIs are the 64 bits as a signed number; times are milliseconds since 1970, UTC.

-- The JoinEUIs this Join Server answers for, and who may provision devices under them. Ranges share no JoinEUI.
CREATE TABLE join_eui_range (
    first_eui ${int64} PRIMARY KEY,
    last_eui  BIGINT   NOT NULL,
    maker     BIGINT   NOT NULL REFERENCES owner (id)
);

-- All that a join changes of a device is in its row, so that a join writes one page of the database; used_dev_nonces are
-- those of a device that does not count them.
-- Root keys are sealed; where key_label is set they are wrapped under that key of the vault and are opened only in it.
-- What an owner's activation settings say holds where the device's own column is null. Nobody else can claim a device that
-- is locked.
CREATE TABLE device (
    dev_eui            ${int64} PRIMARY KEY,
    join_eui           BIGINT   NOT NULL,
    maker              BIGINT   NOT NULL,
    owner              BIGINT,
    created_at         BIGINT   NOT NULL,
    claimed_at         BIGINT,
    locked             INTEGER  NOT NULL DEFAULT 0,
    mac_version        TEXT,
    profile_id         TEXT,
    serial_number      TEXT,
    nwk_key            BYTEA,
    app_key            BYTEA,
    key_label          TEXT,
    token_hash         BYTEA,
    home_net_id        INTEGER,
    home_ns_id         BIGINT,
    as_id              TEXT,
    kek_label          TEXT,
    kek                BYTEA,
    app_s_key_in_clear INTEGER,
    roaming_net_ids    TEXT     NOT NULL DEFAULT '',
    strict             INTEGER  NOT NULL DEFAULT 0,
    resets_join_nonces INTEGER  NOT NULL DEFAULT 0,
    lifetime           BIGINT   NOT NULL DEFAULT 0,
    join_nonce         INTEGER  NOT NULL DEFAULT 0,
    dev_nonce          INTEGER,
    used_dev_nonces    BYTEA,
    rj_count1          INTEGER,
    session_id         BYTEA,
    session_count      INTEGER  NOT NULL DEFAULT 0
);
CREATE INDEX device_owner ON device (owner, dev_eui);
CREATE INDEX device_maker ON device (maker, dev_eui);

-- What a device had used up under a JoinEUI it had before.
CREATE TABLE former_join_eui (
    dev_eui         BIGINT  NOT NULL,
    join_eui        BIGINT  NOT NULL,
    dev_nonce       INTEGER,
    used_dev_nonces BYTEA,
    rj_count1       INTEGER,
    PRIMARY KEY (dev_eui, join_eui)
) ${clustered};

-- How far the JoinNonces and sessions of deleted devices had come, should they come back. Never forgotten.
CREATE TABLE deleted_device (
    dev_eui       ${int64} PRIMARY KEY,
    join_nonce    INTEGER NOT NULL,
    session_count INTEGER NOT NULL
);

-- Sessions, by SessionKeyID, which begins with the time: new ones are written one beside the other. Of each device the
-- last ones count (device.session_count, number); a session names the one before it.
CREATE TABLE device_session (
    id              BYTEA   NOT NULL,
    dev_eui         BIGINT  NOT NULL,
    number          INTEGER NOT NULL,
    previous        BYTEA,
    join_nonce      INTEGER NOT NULL,
    created_at      BIGINT  NOT NULL,
    expires_at      BIGINT,
    net_id          INTEGER NOT NULL,
    dev_addr        INTEGER NOT NULL,
    app_s_key       BYTEA   NOT NULL,
    s_nwk_s_int_key BYTEA,
    rj_count0       INTEGER,
    PRIMARY KEY (id)
) ${clustered};

CREATE TABLE activation_settings (
    owner              ${int64} PRIMARY KEY REFERENCES owner (id),
    home_net_id        INTEGER,
    home_ns_id         BIGINT,
    as_id              TEXT,
    kek_label          TEXT,
    kek                BYTEA,
    app_s_key_in_clear INTEGER
);

-- What makers wrap root keys with on their way here.
CREATE TABLE transport_kek (
    maker      BIGINT  NOT NULL REFERENCES owner (id),
    label      TEXT    NOT NULL,
    bits       INTEGER NOT NULL,
    kek        BYTEA   NOT NULL,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (maker, label)
);

-- Network Servers (net_id) and Application Servers (as_id) that may ask, and how they prove who they are.
CREATE TABLE peer (
    name         TEXT    PRIMARY KEY,
    net_id       INTEGER,
    as_id        TEXT,
    ns_ids       TEXT    NOT NULL,
    strict_ns_id INTEGER NOT NULL,
    ca           BYTEA,
    san          TEXT,
    bearer_hash  BYTEA,
    basic_user   TEXT,
    basic_hash   BYTEA,
    async_url    TEXT,
    async_header BYTEA,
    path_prefix  TEXT,
    created_at   BIGINT  NOT NULL
);

-- What session keys for a peer are wrapped with: of those that are due, the one that began last.
CREATE TABLE peer_kek (
    peer    TEXT   NOT NULL REFERENCES peer (name),
    label   TEXT   NOT NULL,
    kek     BYTEA  NOT NULL,
    from_at BIGINT NOT NULL,
    PRIMARY KEY (peer, label)
);

-- What was asked over Backend Interfaces and why it was answered so; keys are never in it. The newest are kept.
CREATE TABLE backend_log (
    seq         ${int64} PRIMARY KEY,
    at          BIGINT  NOT NULL,
    peer        TEXT,
    sender      TEXT    NOT NULL,
    dev_eui     BIGINT,
    type        TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    nonce       INTEGER,
    result      TEXT    NOT NULL,
    why         TEXT    NOT NULL,
    micros      BIGINT  NOT NULL
);
CREATE INDEX backend_log_device ON backend_log (dev_eui, seq);
CREATE INDEX backend_log_peer ON backend_log (peer, seq);
