-- Eight parts are enough to find a device's entries in a few milliseconds, since the index has the DevEUI too; with 64, a third
-- of the pages that a commit of joins wrote were of this index.
DROP INDEX backend_log_part;
CREATE INDEX backend_log_part ON backend_log ((dev_eui % 8), seq, dev_eui);
