-- People and organizations, what they may do, and the keys they make. Times are milliseconds since 1970, UTC.

-- Users and organizations share their names. A password is kept as its Argon2id hash; wrong ones are counted by the hour.
CREATE TABLE account (
    id              TEXT    PRIMARY KEY,
    kind            TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    email           TEXT,
    administrator   INTEGER NOT NULL DEFAULT 0,
    owner           BIGINT  REFERENCES owner (id),
    password_hash   TEXT,
    wrong_hour      BIGINT  NOT NULL DEFAULT 0,
    wrong_passwords INTEGER NOT NULL DEFAULT 0,
    created_at      BIGINT  NOT NULL
);
CREATE UNIQUE INDEX account_owner ON account (owner);

-- How a user is known to an OpenID Connect provider.
CREATE TABLE account_identity (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id),
    PRIMARY KEY (issuer, subject)
) ${clustered};
CREATE INDEX account_identity_account ON account_identity (account);

-- What an account may do with a gateway or an organization. Rights are names with commas between them.
CREATE TABLE collaborator (
    entity_kind TEXT NOT NULL,
    entity      TEXT NOT NULL,
    account     TEXT NOT NULL REFERENCES account (id),
    rights      TEXT NOT NULL,
    PRIMARY KEY (entity_kind, entity, account)
) ${clustered};
CREATE INDEX collaborator_account ON collaborator (account, entity_kind, entity);

-- API keys of users, organizations and gateways. Only the SHA-256 of a key's 256-bit secret is kept.
CREATE TABLE account_key (
    id          TEXT   PRIMARY KEY,
    entity_kind TEXT   NOT NULL,
    entity      TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    rights      TEXT   NOT NULL,
    secret_hash BYTEA  NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT
);
CREATE INDEX account_key_entity ON account_key (entity_kind, entity, created_at);

-- Who is signed in: the SHA-256 of the session's 256-bit secret.
CREATE TABLE account_session (
    secret_hash BYTEA  PRIMARY KEY,
    account     TEXT   NOT NULL REFERENCES account (id),
    expires_at  BIGINT NOT NULL
);
CREATE INDEX account_session_account ON account_session (account);
CREATE INDEX account_session_end ON account_session (expires_at);
