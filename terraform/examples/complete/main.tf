# Everything that can be switched on: a domain behind a load balancer with Cloud Armor, the users of another system beside our
# own, fast signing, mails, webhooks, the audit log in BigQuery, usage logs, alerts and a budget.

module "reelgate" {
  source = "../.."

  project_id = var.project_id
  region     = "us-central1"
  prefix     = "videos"
  labels     = { team = "media", cost-centre = "4711" }

  front_door          = var.front_door
  domain              = var.domain
  requests_per_minute = 600
  cors_origins        = ["https://videos.example.com", "http://localhost:5173"]

  # --- users: ours, and those of a main service that issues tokens of its own ---
  identity = "identity_platform"
  jwt_issuers = [{
    issuer         = "https://main.example.com"
    audience       = "reelgate"
    jwks_url       = "https://main.example.com/.well-known/jwks.json"
    subject_prefix = "main-" # otherwise a subject of this issuer would be the same user as that subject here
    role_claim     = ""      # its users are never admins here
  }]

  # --- rules: 5 GiB and 20 GiB a day for each, days end in Berlin ---
  rules = {
    storage_limit_bytes = 5368709120
    daily_limit_bytes   = 21474836480
    alert_thresholds    = [75, 90, 100]
    day_time_zone       = "Europe/Berlin"
    content_types       = ["video/*"]
    upload_roles        = ["user", "admin"]
    trash_days          = 14
    audio               = "on_request"
    product_name        = "Example Videos"
  }

  # --- signing: keys that the command in ../../README.md ("Sign faster") has made, by their ids and the secrets' versions ---
  signer = "hmac"
  hmac_access_ids = {
    upload = { access_id = "GOOG1EEXAMPLEUPLOAD", version = "1" }
    read   = { access_id = "GOOG1EEXAMPLEREAD", version = "1" }
  }

  # --- mails and webhooks; the secrets come as TF_VAR_smtp_password and TF_VAR_webhooks ---
  mail = {
    host        = "smtp.example.com"
    user        = "reelgate"
    from        = "videos@example.com"
    unsubscribe = "mailto:unsubscribe@example.com"
    audio_page  = "https://films.example.com/videos/{video_id}"
  }
  smtp_password    = var.smtp_password
  webhooks         = var.webhooks
  webhooks_version = "1"

  # --- watching ---
  usage_logs             = true
  audit_to_bigquery      = true
  audit_days_in_bigquery = 400
  alert_emails           = ["operations@example.com"]
  alert_levels           = { latency_ms = 1000 }
  budget                 = { billing_account = "012345-6789AB-CDEF01", amount = 100, currency = "EUR" }

  # --- sizes: one warm instance where people wait, and longer videos ---
  sizes = {
    stream_url = { min_instances = 1 }
    convert    = { memory = "4Gi", cpu = "4" }
  }

  # --- safety ---
  soft_delete_days    = 30
  backup_days         = 35
  deletion_protection = var.deletion_protection
  force_destroy       = !var.deletion_protection
}
