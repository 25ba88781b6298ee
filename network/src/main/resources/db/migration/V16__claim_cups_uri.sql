-- Where a gateway that is claimed or handed over is sent; NULL for this network.
ALTER TABLE network_gateway ADD COLUMN claim_cups_uri TEXT;
