"""Signed URLs of Cloud Storage: what is signed (`v4`), with which kind of key (`key_signers`), or by IAM (`iam_signer`)."""
