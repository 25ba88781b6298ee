-- The counter of the confirmed downlink that the device is to acknowledge with its next uplink.
ALTER TABLE network_session ADD COLUMN awaited_ack BIGINT;
