# Alerts. Each names the section of docs/operations.md that helps; policies are only created if there is a recipient.

locals {
  # `every`: seconds between two evaluations. Each point that an evaluation reads is billed, so conditions that need no action within
  # a minute are evaluated every five.
  alerts = {
    errors = {
      title    = "Functions answer with server errors"
      query    = "100 * ${local.queries.errors} / ${local.queries.all} > ${var.alert_levels.error_percent} and ${local.queries.errors} >= 10"
      duration = "300s"
      every    = 60
      severity = "CRITICAL"
      help     = "More than ${var.alert_levels.error_percent} percent of a function's answers are 5xx. Its logs name the cause: severity>=WARNING. A function that fails at every start logs what is wrong with its settings."
    }
    latency = {
      title    = "Functions answer slowly"
      query    = "${local.queries.latency} > ${var.alert_levels.latency_ms}"
      duration = "900s"
      every    = 60
      severity = "WARNING"
      help     = "The 95th percentile is over ${var.alert_levels.latency_ms} ms for 15 minutes. Look at instances (cold starts), books_busy among the refusals (contention), and Google's status page."
    }
    dead_letters = {
      title    = "Messages could not be delivered"
      query    = "${local.queries.dead} > 0"
      duration = "300s"
      every    = 300
      severity = "ERROR"
      help     = "A consumer refused a message until its attempts ran out. Runbook \"Dead letters\" in docs/operations.md: look, repair, publish again. They are kept for 31 days."
    }
    backlog = {
      title    = "Messages wait to be delivered"
      query    = "${local.queries.backlog} > ${var.alert_levels.backlog_seconds}"
      duration = "300s"
      every    = 60
      severity = "WARNING"
      help     = "A subscription's oldest message waits longer than ${var.alert_levels.backlog_seconds} seconds: its function fails or is too slow. One whose name begins with eventarc- leads to finalize, and uploads are not settled."
    }
    outbox = {
      title    = "The outbox is not emptied"
      query    = "${local.queries.outbox} > ${var.alert_levels.outbox_seconds}"
      duration = "600s"
      every    = 300
      severity = "ERROR"
      help     = "Messages of committed changes wait longer than ${var.alert_levels.outbox_seconds} seconds although the sweep runs. The logs of reset_daily name the items that fail."
    }
    sweep = {
      title    = "The sweep does not run"
      query    = local.queries.swept
      duration = "900s"
      every    = 300
      severity = "ERROR"
      help     = "No run of reset_daily has reported the age of the outbox for 45 minutes. Runbook \"A lost scheduler\" in docs/operations.md."
    }
    egress = {
      title    = "What was sent is not known exactly"
      query    = "${local.queries.late} > 0 or ${local.queries.unread} > 0"
      duration = "0s"
      every    = 300
      severity = "WARNING"
      help     = "Usage logs came after their charges were settled, or could not be read. The charges stay as they are. The logs of reset_daily (egress_late_bytes) and settle_egress (egress_verdict) name them: runbook \"Egress\" in docs/operations.md."
    }
    jobs = { # the first attempt and three retries
      title    = "Runs of the scheduler's jobs fail"
      query    = "${local.queries.jobs} >= 4"
      duration = "0s"
      every    = 300
      severity = "WARNING"
      help     = "Attempts fail again and again within an hour. Single ones are normal: a run that could not finish asks to be called again."
    }
    quota = {
      title    = "Unusually many requests are refused by quota"
      query    = "${format(local.queries.quota, "1h")} > ${var.alert_levels.refusals} and ${format(local.queries.quota, "1h")} > 3 * ${format(local.queries.quota, "1d")} / 24"
      duration = "0s"
      every    = 300
      severity = "WARNING"
      help     = "More than ${var.alert_levels.refusals} in an hour, and three times the day's average. A client that tries again and again, or limits that have become too low: runbook \"Raising limits\" in docs/operations.md."
    }
  }

  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = toset(var.alert_emails)

  display_name = each.key
  type         = "email"
  labels       = { email_address = each.key }

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_alert_policy" "this" {
  for_each = length(var.alert_emails) == 0 ? {} : local.alerts

  display_name          = "Reelgate (${var.prefix}): ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query                     = each.value.query
      duration                  = each.value.duration
      evaluation_interval       = "${each.value.every}s"
      disable_metric_validation = true # nothing has been measured when this is made for the first time
    }
  }

  alert_strategy {
    auto_close = "7200s"
  }

  documentation {
    content   = each.value.help
    mime_type = "text/markdown"
  }

  depends_on = [google_logging_metric.this]
}
