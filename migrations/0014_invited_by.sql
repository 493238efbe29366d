-- Who invites, for whoever is invited to know.
ALTER TABLE invitations ADD COLUMN invited_by TEXT;
