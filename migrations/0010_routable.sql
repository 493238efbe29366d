-- What the edge looks a name up by. A name that was deleted, or that never had an address, is not in it at all, so that looking for it
-- is the same work as looking for one that never existed.
CREATE UNIQUE INDEX instances_routable ON instances (subdomain) WHERE deleted_at IS NULL AND exposure = 'public';
