-- Events are read by when they happened: an old day is found without reading all that came after it.
CREATE INDEX audit_by_time ON audit_events (account_id, at);
