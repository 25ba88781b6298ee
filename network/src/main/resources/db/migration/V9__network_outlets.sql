-- Where what happens on the network is sent. Times are milliseconds since 1970, UTC.

-- A webhook of a user or an organization tells what these may know, and no more than rights allows, which is what whoever
-- set it last could do; one without an account is the network's own and tells everything. Secrets are sealed; the former one
-- signs beside the other until former_until. Types are names with commas between them; none is all.
CREATE TABLE webhook (
    id            TEXT    PRIMARY KEY,
    account       TEXT    REFERENCES account (id) ON DELETE CASCADE,
    rights        TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    types         TEXT    NOT NULL,
    enabled       INTEGER NOT NULL,
    secret        BYTEA   NOT NULL,
    former_secret BYTEA,
    former_until  BIGINT,
    created_at    BIGINT  NOT NULL
);
CREATE INDEX webhook_account ON webhook (account);

-- Which node delivers what goes to an outlet (a webhook, or the MQTT broker), until when, and how that has gone.
CREATE TABLE outlet (
    name         TEXT   PRIMARY KEY,
    node         TEXT   NOT NULL,
    held_until   BIGINT NOT NULL,
    delivered_at BIGINT,
    failed_at    BIGINT,
    last_error   TEXT,
    given_up     BIGINT NOT NULL DEFAULT 0
);

-- What is to be delivered, in order. What was delivered stays for some minutes, so that another node that learns of the same
-- event late does not send it again. A lane is the EUI of the device or gateway.
CREATE TABLE outlet_delivery (
    seq        ${int64} PRIMARY KEY,
    outlet     TEXT     NOT NULL,
    id         TEXT     NOT NULL,
    lane       TEXT     NOT NULL,
    type       TEXT     NOT NULL,
    body       TEXT     NOT NULL,
    attempts   INTEGER  NOT NULL DEFAULT 0,
    created_at BIGINT   NOT NULL,
    due_at     BIGINT   NOT NULL,
    done_at    BIGINT,
    UNIQUE (outlet, id)
);
CREATE INDEX outlet_delivery_open ON outlet_delivery (outlet, seq) WHERE done_at IS NULL;
CREATE INDEX outlet_delivery_done ON outlet_delivery (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outlet_delivery_age ON outlet_delivery (created_at) WHERE done_at IS NULL;
