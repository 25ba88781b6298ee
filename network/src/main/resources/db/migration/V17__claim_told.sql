-- What the Gateway Join Server of a claimed gateway was told last: the CRC-32 of the CUPS and of the certificate to trust; NULL
-- while it is to be told, as when the key for it is another. Of those claimed before this was kept it is not known.
ALTER TABLE network_gateway ADD COLUMN claim_told BIGINT;
UPDATE network_gateway SET claim_told = -1 WHERE claim_state = 'claimed';
