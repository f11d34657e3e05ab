# Secrets. Values go in by write-only arguments from ephemeral values: neither a plan nor the state ever holds one. Raising a
# version sends the value that is given then.

locals {
  # name => the only functions that may read it, its variable there, and the version of the value.
  secrets = merge(
    # Passwords are tried at `accounts`, and API keys everywhere but at `console`.
    { throttle-key = { functions = setsubtract(local.http_functions, ["console"]), variable = "REELGATE_THROTTLE_KEY", version = "1" } },
    try(var.mail.user, null) == null ? {} : {
      smtp-password = { functions = ["notify"], variable = "REELGATE_SMTP_PASSWORD", version = var.mail.password_version }
    },
    var.webhooks_version == null ? {} : {
      webhooks = { functions = ["notify"], variable = "REELGATE_WEBHOOKS", version = var.webhooks_version }
    },
  )

  secret_grants = merge([
    for name, secret in local.secrets : { for function in secret.functions : "${name}/${function}" => { secret = name, function = function } }
  ]...)

  secret_values = {
    throttle-key  = ephemeral.random_password.throttle_key.result
    smtp-password = var.smtp_password
    webhooks      = var.webhooks
  }

  hmac_signers   = var.signer == "hmac" ? { for name, function in local.deployed : name => function.signs if function.signs != null } : {}
  secret_readers = merge(local.secret_grants, local.hmac_signers)
}

# A new one in every run, but sent only with a new version.
ephemeral "random_password" "throttle_key" {
  length  = 40
  special = false
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  secret_id = "${var.prefix}-${each.key}"

  replication {
    auto {}
  }

  depends_on = [time_sleep.apis]
}

resource "google_secret_manager_secret_version" "this" {
  for_each = local.secrets

  secret                 = google_secret_manager_secret.this[each.key].id
  secret_data_wo         = local.secret_values[each.key]
  secret_data_wo_version = each.value.version

  lifecycle {
    create_before_destroy = true # functions start with the old version until they are deployed with the new one
  }
}

resource "google_secret_manager_secret_iam_member" "this" {
  for_each = local.secret_grants

  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member

  lifecycle {
    create_before_destroy = true
  }
}

# Until 2026-11 each secret had one reader. Without these, the old grant would be taken away after the same one was given anew.
moved {
  from = google_secret_manager_secret_iam_member.this["throttle-key"]
  to   = google_secret_manager_secret_iam_member.this["throttle-key/accounts"]
}

moved {
  from = google_secret_manager_secret_iam_member.this["smtp-password"]
  to   = google_secret_manager_secret_iam_member.this["smtp-password/notify"]
}

moved {
  from = google_secret_manager_secret_iam_member.this["webhooks"]
  to   = google_secret_manager_secret_iam_member.this["webhooks/notify"]
}

# The keys of `signer = "hmac"` are made and rotated by a command (README): Terraform has no way to make one that would not
# stand in its state. This is only where they are kept.
resource "google_secret_manager_secret" "hmac" {
  for_each = toset(["upload", "read"])

  secret_id = "${var.prefix}-hmac-${each.key}"

  replication {
    auto {}
  }

  depends_on = [time_sleep.apis]
}

resource "google_secret_manager_secret_iam_member" "hmac" {
  for_each = local.hmac_signers

  secret_id = google_secret_manager_secret.hmac[each.value].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.key].member

  lifecycle {
    create_before_destroy = true
  }
}
