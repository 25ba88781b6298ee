-- The Gateway Join Server. EUIs are the 64 bits as a signed number; times are milliseconds since 1970, UTC.

CREATE TABLE batch (
    name                  TEXT    PRIMARY KEY,
    first_eui             BIGINT  NOT NULL,
    last_eui              BIGINT  NOT NULL,
    flavor                TEXT    NOT NULL,
    key_label             TEXT    NOT NULL,
    maker_ca              BYTEA,
    retire_pin_on_release INTEGER NOT NULL,
    created_at            BIGINT  NOT NULL
);

-- A gateway of a batch has a row once something is known of it beyond its batch; an added or imported one has one always.
-- Trust and certificates are kept once, by their SHA-256: a whole fleet shares its trust. Keys are sealed.
CREATE TABLE gateway (
    eui           ${int64} PRIMARY KEY,
    origin        TEXT    NOT NULL,
    flavor        TEXT    NOT NULL,
    generation    INTEGER NOT NULL,
    code_hash     BYTEA,
    token_hash    BYTEA,
    owner         BIGINT,
    claimed_at    BIGINT,
    setup_at      BIGINT,
    cups_uri      TEXT,
    cups_trust    BYTEA,
    cups_crt      BYTEA,
    cups_key      BYTEA,
    cups_crc      INTEGER,
    lns_uri       TEXT,
    lns_trust     BYTEA,
    lns_crt       BYTEA,
    lns_key       BYTEA,
    lns_crc       INTEGER,
    fw_crc        INTEGER,
    fw_after      BIGINT,
    fw_unsigned   INTEGER NOT NULL DEFAULT 0,
    fw_offered_at BIGINT
);
CREATE INDEX gateway_owner ON gateway (owner, eui);

CREATE TABLE certificate (
    sha256 BYTEA PRIMARY KEY,
    der    BYTEA NOT NULL
);

-- What a gateway last reported, and why it was answered what it was answered; written in batches, never before an answer.
CREATE TABLE gateway_seen (
    eui      ${int64} PRIMARY KEY,
    at       BIGINT  NOT NULL,
    station  TEXT,
    model    TEXT,
    package  TEXT,
    key_crcs TEXT    NOT NULL,
    cups_uri TEXT,
    lns_uri  TEXT,
    cups_crc INTEGER NOT NULL,
    lns_crc  INTEGER NOT NULL,
    why      TEXT    NOT NULL
);

CREATE TABLE firmware (
    owner      BIGINT  NOT NULL,
    fw_crc     INTEGER NOT NULL,
    version    TEXT    NOT NULL,
    model      TEXT,
    size       BIGINT  NOT NULL,
    sha512     BYTEA   NOT NULL,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (owner, fw_crc)
);

CREATE TABLE firmware_part (
    owner  BIGINT  NOT NULL,
    fw_crc INTEGER NOT NULL,
    part   INTEGER NOT NULL,
    bytes  BYTEA   NOT NULL,
    PRIMARY KEY (owner, fw_crc, part)
);

CREATE TABLE firmware_signature (
    owner     BIGINT  NOT NULL,
    sig_crc   INTEGER NOT NULL,
    fw_crc    INTEGER NOT NULL,
    key_crc   INTEGER NOT NULL,
    signature BYTEA   NOT NULL,
    PRIMARY KEY (owner, sig_crc)
);
CREATE INDEX firmware_signature_firmware ON firmware_signature (owner, fw_crc);
