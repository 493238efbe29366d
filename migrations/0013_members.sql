-- Whose hands a token is from: it may do what they may, and goes when they leave. Null: the operator made it, or another such token.
ALTER TABLE tokens ADD COLUMN created_by TEXT;

-- What is long over is cleared away by these.
CREATE INDEX sessions_by_age ON sessions (last_seen_at);
CREATE INDEX invitations_by_age ON invitations (expires_at);
