-- What came in a period is found by its moment, however much came before it.
CREATE INDEX received_by_moment ON received (at);
