-- The certificate authority every node of this Usher shares; its private key is sealed.
CREATE TABLE built_in_ca (
    id          BIGINT PRIMARY KEY,
    certificate BYTEA  NOT NULL,
    private_key BYTEA  NOT NULL
);
