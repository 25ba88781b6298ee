-- The log is asked for a device now and then, and written with every join. In an index by device each entry would go to a page
-- of its own; by one of 64 parts of all devices those of a whole commit share 64 pages, and a device's are found among 1/64
-- of the log. BackendLog asks with the same expression.
DROP INDEX backend_log_device;
CREATE INDEX backend_log_part ON backend_log ((dev_eui % 64), seq);
