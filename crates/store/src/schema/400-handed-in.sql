-- What a party has handed in is listed page by page.
CREATE INDEX received_by_sender ON received (sender, at, id);
