# The audit log for analysts: every message of the topic also goes into BigQuery, and the functions then publish every action
# (REELGATE_AUDIT_PUBLISH). Firestore keeps what admins read in the API.

resource "google_bigquery_dataset" "audit" {
  count = var.audit_to_bigquery ? 1 : 0

  dataset_id                 = "${replace(var.prefix, "-", "_")}_audit"
  location                   = var.region
  description                = "Reelgate's audit log"
  delete_contents_on_destroy = false # the table goes first, unless it is protected
  depends_on                 = [time_sleep.apis]
}

resource "google_bigquery_table" "audit" {
  count = var.audit_to_bigquery ? 1 : 0

  dataset_id          = google_bigquery_dataset.audit[0].dataset_id
  table_id            = "actions"
  description         = "One row per delivered message; deliveries repeat: deduplicate on message_id or on event_id in data"
  deletion_protection = var.deletion_protection

  time_partitioning {
    type          = "DAY"
    field         = "publish_time"
    expiration_ms = var.audit_days_in_bigquery == null ? null : var.audit_days_in_bigquery * 86400000
  }

  # The columns that write_metadata fills (Pub/Sub docs, "BigQuery subscriptions").
  schema = jsonencode([
    { name = "subscription_name", type = "STRING", mode = "NULLABLE" },
    { name = "message_id", type = "STRING", mode = "NULLABLE" },
    { name = "publish_time", type = "TIMESTAMP", mode = "NULLABLE" },
    { name = "data", type = "JSON", mode = "NULLABLE" },
    { name = "attributes", type = "JSON", mode = "NULLABLE" },
  ])
}

resource "google_bigquery_table_iam_member" "audit" {
  for_each = var.audit_to_bigquery ? toset(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"]) : toset([])

  dataset_id = google_bigquery_dataset.audit[0].dataset_id
  table_id   = google_bigquery_table.audit[0].table_id
  role       = each.key
  member     = "serviceAccount:${local.agents.pubsub}"

  depends_on = [google_project_service_identity.agent]
}

# The subscription is refused while Pub/Sub cannot write yet.
resource "time_sleep" "audit_grants" {
  count = var.audit_to_bigquery ? 1 : 0

  create_duration = "90s"
  depends_on      = [google_bigquery_table_iam_member.audit]
}

resource "google_pubsub_subscription" "audit_bigquery" {
  count = var.audit_to_bigquery ? 1 : 0

  name                       = "${var.prefix}-audit-bigquery"
  topic                      = google_pubsub_topic.this["audit"].id
  message_retention_duration = "604800s"

  bigquery_config {
    table          = "${var.project_id}.${google_bigquery_table.audit[0].dataset_id}.${google_bigquery_table.audit[0].table_id}"
    write_metadata = true
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter["audit"].id
    max_delivery_attempts = 100
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [
    google_pubsub_subscription.dead_letter, google_pubsub_topic_iam_member.dead_letter_publisher, time_sleep.audit_grants,
  ]
}

resource "google_pubsub_subscription_iam_member" "audit_bigquery" {
  count = var.audit_to_bigquery ? 1 : 0

  subscription = google_pubsub_subscription.audit_bigquery[0].id
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${local.agents.pubsub}"
}
