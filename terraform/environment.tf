# What each function finds in its environment: the variables of docs/configuration.md, and for each function only those that
# differ from their defaults or that it needs. Tests hold them against what the code reads.

locals {
  # Set for every function. Rules that are not given are left to the code.
  environment = merge(
    {
      GOOGLE_CLOUD_PROJECT    = var.project_id
      REELGATE_MEDIA_BUCKET   = google_storage_bucket.media.name
      REELGATE_DERIVED_BUCKET = google_storage_bucket.derived.name
      REELGATE_MEDIA_DATABASE = google_firestore_database.media.name
    },
    length(var.cors_origins) == 0 ? {} : { REELGATE_CORS_ORIGINS = join(",", var.cors_origins) },
    var.audit_to_bigquery ? { REELGATE_AUDIT_PUBLISH = "all" } : {},
    local.has_directory ? {} : { REELGATE_DIRECTORY = "none" },
    length(local.issuers) == 0 ? {} : { REELGATE_JWT_ISSUERS = jsonencode(local.issuers) },
    { for topic in local.topics : "REELGATE_TOPIC_${upper(topic)}" => google_pubsub_topic.this[topic].name },
    { for name, value in local.rules : "REELGATE_${upper(name)}" => value if value != null },
  )

  # Rules as text.
  rules = {
    for name, value in var.rules : name => value == null ? null : try(join(",", value), tostring(value))
  }

  # Identity Platform is the default of the code; with other issuers beside it, all are listed.
  issuers = length(var.jwt_issuers) == 0 ? [] : concat(
    local.has_directory ? [{ firebase_project = var.project_id }] : [],
    [for issuer in var.jwt_issuers : { for name, value in issuer : name => value if value != null }],
  )

  signing_environment = {
    for role, account in google_service_account.signer : role => merge(
      { REELGATE_SIGNER = var.signer },
      var.signer == "iam" ? { REELGATE_SIGNER_ACCOUNT = account.email } : { REELGATE_HMAC_ACCESS_ID = var.hmac_access_ids[role].access_id },
    )
  }

  api_url     = local.behind_load_balancer ? "https://${var.domain}" : var.api_url
  api_address = local.api_url == null ? {} : { REELGATE_API_URL = local.api_url }

  mail_environment = var.mail == null ? {} : { for name, value in {
    REELGATE_SMTP_HOST        = var.mail.host
    REELGATE_SMTP_PORT        = try(tostring(var.mail.port), null)
    REELGATE_SMTP_SECURITY    = var.mail.security
    REELGATE_SMTP_USER        = var.mail.user
    REELGATE_MAIL_FROM        = var.mail.from
    REELGATE_MAIL_UNSUBSCRIBE = var.mail.unsubscribe
    REELGATE_MAIL_AUDIO_PAGE  = var.mail.audio_page
  } : name => value if value != null }

  own_environment = {
    accounts = local.has_directory ? { REELGATE_IDENTITY_API_KEY = google_apikeys_key.identity[0].key_string } : {}
    library  = local.api_address
    notify   = merge(local.mail_environment, local.api_address)
    # With usage logs, charges are settled: by one function they are read, by the other one settled.
    settle_egress = { REELGATE_EGRESS = "settle", REELGATE_USAGE_LOGS_BUCKET = local.buckets.usage_logs }
    reset_daily   = var.usage_logs ? { REELGATE_EGRESS = "settle" } : {}
  }

  environments = {
    for name, function in local.deployed : name => merge(
      local.environment,
      function.signs == null ? { REELGATE_SIGNER = "none" } : local.signing_environment[function.signs],
      contains(local.push_functions, name) ? {
        REELGATE_PUSH_AUDIENCE  = local.service_urls[name]
        REELGATE_PUSH_ACCOUNT   = google_service_account.caller["push"].email
        REELGATE_PUSH_SIGNATURE = local.push_signature[name]
      } : {},
      lookup(local.own_environment, name, {}),
    )
  }

  secret_environments = {
    for name, function in local.deployed : name => merge(
      function.signs == null || var.signer != "hmac" ? {} : {
        REELGATE_HMAC_SECRET = {
          secret  = google_secret_manager_secret.hmac[function.signs].secret_id
          version = var.hmac_access_ids[function.signs].version
        }
      },
      { for id, secret in local.secrets : secret.variable => {
        secret  = google_secret_manager_secret.this[id].secret_id
        version = google_secret_manager_secret_version.this[id].version
      } if contains(secret.functions, name) },
    )
  }
}
