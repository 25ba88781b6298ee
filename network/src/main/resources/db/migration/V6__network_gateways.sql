-- The gateways of this network. EUIs are the 64 bits as a signed number; times are milliseconds since 1970, UTC.

-- Keys are sealed, as header lines. Where a key's id is set it is one of this network's own (account_key); former ones, with
-- commas between them, are ended once the gateway has the new one. working_* is what it was told when it last worked.
-- A gateway that is claimed at a Gateway Join Server is 'claiming' from when it is reserved until it is set up there,
-- 'transferred' from when another took it over until then, and 'claimed' from then on.
CREATE TABLE network_gateway (
    eui                     ${int64} PRIMARY KEY,
    id                      TEXT     NOT NULL UNIQUE,
    name                    TEXT     NOT NULL,
    description             TEXT     NOT NULL,
    frequency_plan_ids      TEXT     NOT NULL,
    address                 TEXT,
    require_authentication  INTEGER  NOT NULL,
    enforce_duty_cycle      INTEGER  NOT NULL,
    lns_key                 BYTEA,
    lns_key_id              TEXT,
    former_lns_key_ids      TEXT     NOT NULL DEFAULT '',
    cups_key                BYTEA,
    cups_key_id             TEXT,
    former_cups_key_ids     TEXT     NOT NULL DEFAULT '',
    target_cups_uri         TEXT,
    target_cups_key         BYTEA,
    target_changed_at       BIGINT   NOT NULL,
    working_address         TEXT,
    working_lns_key         BYTEA,
    working_lns_key_id      TEXT,
    working_target_cups_uri TEXT,
    working_target_cups_key BYTEA,
    working_at              BIGINT,
    reverted_at             BIGINT,
    code_hash               BYTEA,
    code_until              BIGINT,
    claim_state             TEXT,
    claim_account           TEXT,
    claim_upstream          TEXT,
    claim_attempt           BIGINT,
    claim_until             BIGINT,
    claimed_at              BIGINT,
    created_at              BIGINT   NOT NULL,
    revision                BIGINT   NOT NULL
);
CREATE INDEX network_gateway_claim ON network_gateway (claim_state, claim_until);

-- Which gateways changed or went, in order, so that every node learns of it.
CREATE TABLE network_gateway_change (
    revision ${int64} PRIMARY KEY,
    eui      BIGINT   NOT NULL
);
