"""The least tolerance for which a claim can be proved, between a proof and a witness."""
