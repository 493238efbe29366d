-- Of many that ask for a workspace's body at once, one makes it.
CREATE UNIQUE INDEX instances_one_body ON instances (account_id, workspace_id)
WHERE deleted_at IS NULL AND workspace_id IS NOT NULL;
