"""Signed URLs of Cloud Storage: what is signed (`v4`), with which kind of key (`signers`), and IAM's part (`sign_blob`)."""
