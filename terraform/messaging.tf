# Topics, and the subscriptions that push their messages to the functions. What cannot be delivered is kept.

locals {
  topics = toset(["videos", "alerts", "accounts", "audit"])

  # One row per consumer; localcloud/supervisor/services/topics.py has the same rows for the local cloud, and a test compares them.
  subscriptions = {
    audit-records = { topic = "audit", function = "audit", types = [], ack_seconds = 30, attempts = 100, backoff_seconds = [10, 600] }
    # Consumers that send notifications count attempts themselves, and acknowledge messages long before this number.
    notify-alerts   = { topic = "alerts", function = "notify", types = [], ack_seconds = 120, attempts = 100, backoff_seconds = [10, 600] }
    notify-videos   = { topic = "videos", function = "notify", types = [], ack_seconds = 120, attempts = 100, backoff_seconds = [10, 600] }
    notify-accounts = { topic = "accounts", function = "notify", types = [], ack_seconds = 120, attempts = 100, backoff_seconds = [10, 600] }
    # A message waits here while another run has its file, or for another try.
    convert-videos = {
      topic           = "videos"
      function        = "convert"
      types           = ["video.ready", "video.restored", "video.purged", "audio.requested", "hls.requested"]
      ack_seconds     = 600
      attempts        = 100
      backoff_seconds = [30, 600]
    }
  }
}

resource "google_pubsub_topic" "this" {
  for_each = local.topics

  name                       = "${var.prefix}-${each.key}"
  message_retention_duration = "604800s" # a week to replay from, should a consumer have been wrong

  depends_on = [time_sleep.apis]
}

resource "google_pubsub_topic" "dead_letter" {
  for_each = local.topics

  name       = "${var.prefix}-${each.key}-dead-letter"
  depends_on = [time_sleep.apis]
}

# Without a subscription of its own, what arrives at a dead-letter topic is lost. The runbook pulls from here.
resource "google_pubsub_subscription" "dead_letter" {
  for_each = local.topics

  name                       = "${var.prefix}-${each.key}-dead-letter"
  topic                      = google_pubsub_topic.dead_letter[each.key].id
  message_retention_duration = "2678400s" # 31 days, as long as there is
  ack_deadline_seconds       = 60

  expiration_policy {
    ttl = "" # never expires, even if it is not read
  }
}

resource "google_pubsub_subscription" "push" {
  for_each = local.subscriptions

  name                       = "${var.prefix}-${each.key}"
  topic                      = google_pubsub_topic.this[each.value.topic].id
  filter                     = join(" OR ", [for type in each.value.types : "attributes.type = \"${type}\""])
  ack_deadline_seconds       = each.value.ack_seconds
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.service_urls[each.value.function]}/"

    oidc_token {
      service_account_email = google_service_account.caller["push"].email
      audience              = local.service_urls[each.value.function] # REELGATE_PUSH_AUDIENCE there
    }
  }

  retry_policy {
    minimum_backoff = "${each.value.backoff_seconds[0]}s"
    maximum_backoff = "${each.value.backoff_seconds[1]}s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter[each.value.topic].id
    max_delivery_attempts = each.value.attempts
  }

  expiration_policy {
    ttl = ""
  }

  # The dead letters' subscription first: what comes before it would be lost.
  depends_on = [google_pubsub_subscription.dead_letter, google_pubsub_topic_iam_member.dead_letter_publisher, module.function]
}

# Pub/Sub itself moves messages to the dead letters: it publishes there and acknowledges here.
resource "google_pubsub_topic_iam_member" "dead_letter_publisher" {
  for_each = local.topics

  topic  = google_pubsub_topic.dead_letter[each.key].id
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:${local.agents.pubsub}"

  depends_on = [google_project_service_identity.agent]
}

resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" {
  for_each = local.subscriptions

  subscription = google_pubsub_subscription.push[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${local.agents.pubsub}"
}
