-- The parties gateways are claimed by, and how they prove who they are. Times are milliseconds since 1970, UTC.

CREATE TABLE owner (
    id         ${int64} PRIMARY KEY,
    name       TEXT   NOT NULL,
    add_limit  INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

-- Only the SHA-256 of a key's 256-bit secret is kept. A key without an owner is an administrator's.
CREATE TABLE api_key (
    id          TEXT   PRIMARY KEY,
    owner       BIGINT REFERENCES owner (id),
    name        TEXT   NOT NULL,
    secret_hash BYTEA  NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT
);
CREATE INDEX api_key_owner ON api_key (owner);

-- Client certificates an owner authenticates with: the SHA-256 of the certificate names the owner.
CREATE TABLE owner_certificate (
    fingerprint BYTEA  PRIMARY KEY,
    owner       BIGINT NOT NULL REFERENCES owner (id),
    not_after   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX owner_certificate_owner ON owner_certificate (owner);

-- Certificate authorities whose certificates an owner's gateways may authenticate with.
CREATE TABLE owner_ca (
    owner       BIGINT NOT NULL REFERENCES owner (id),
    fingerprint BYTEA  NOT NULL,
    der         BYTEA  NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (owner, fingerprint)
);

-- Append-only and hash-chained: each entry's hash covers the one before it, the head covers the end.
CREATE TABLE audit (
    seq     ${int64} PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    owner   BIGINT,
    detail  TEXT   NOT NULL,
    hash    TEXT   NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, seq);
CREATE INDEX audit_owner ON audit (owner, seq);

CREATE TABLE audit_head (
    id   BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- What was answered to a request that carried an Idempotency-Key, sealed, as an answer may hold a secret.
CREATE TABLE idempotent_answer (
    principal    TEXT   NOT NULL,
    request_key  TEXT   NOT NULL,
    request_hash BYTEA  NOT NULL,
    answer       BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (principal, request_key)
);
CREATE INDEX idempotent_answer_age ON idempotent_answer (created_at);

-- Wrong guesses at what a gateway or a device is claimed with, by day since 1970. An EUI that names nothing counts like one
-- that does where that must not show.
CREATE TABLE claim_guess (
    kind  TEXT    NOT NULL,
    eui   BIGINT  NOT NULL,
    day   BIGINT  NOT NULL,
    wrong INTEGER NOT NULL,
    PRIMARY KEY (kind, eui, day)
) ${clustered};
CREATE INDEX claim_guess_day ON claim_guess (day);
