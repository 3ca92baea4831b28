-- Where one revocation ends all that an account has given, it waits for the last workspace that has it connected.
CREATE INDEX connections_by_account ON connections (provider, account_id);
