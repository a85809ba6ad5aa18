-- What a party has handed in is listed page by page, and the same content under the same name is found.
CREATE INDEX received_by_sender ON received (sender, at, id);
CREATE INDEX received_by_name ON received (sender, name);
