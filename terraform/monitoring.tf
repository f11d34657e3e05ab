# What is counted, shown and watched. Queries are PromQL throughout, because that is what conditions can be written in before
# the first measurement exists: a filter on a metric without data is refused, on a new project for minutes or,
# for a built-in metric, until the service is first used.

locals {
  metric_prefix = replace(var.prefix, "-", "_")
  services      = "^(${join("|", values(local.function_names))})$"

  log_metrics = {
    # web/http/function.py: {"refused": "storage_limit_exceeded", ...}
    refusals = {
      description = "Requests that were refused, by code (docs/api.md)"
      filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"${local.services}\" AND jsonPayload.refused:*"
      type        = "INT64"
      unit        = "1"
      value       = null
      labels      = { code = "EXTRACT(jsonPayload.refused)", function = "EXTRACT(resource.labels.service_name)" }
    }
    # web/events/daily_tasks.py: {"outbox_seconds": 0, ...}, at the end of every run
    outbox_seconds = {
      description = "Age of the oldest outbox item after a sweep"
      filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.function_names["reset_daily"]}\" AND jsonPayload.outbox_seconds:*"
      type        = "DISTRIBUTION"
      unit        = "s"
      value       = "EXTRACT(jsonPayload.outbox_seconds)"
      labels      = {}
    }
    # use_cases/upkeep/settle_charges.py: {"egress_late_bytes": 700}
    egress_late_bytes = {
      description = "Bytes in usage logs that arrived after their charge was settled"
      filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.function_names["reset_daily"]}\" AND jsonPayload.egress_late_bytes:*"
      type        = "DISTRIBUTION"
      unit        = "By"
      value       = "EXTRACT(jsonPayload.egress_late_bytes)"
      labels      = {}
    }
    # web/events/usage_log_event.py: {"egress_verdict": "recorded", ...}
    egress_unread = {
      description = "Usage logs that could not be read"
      filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"${local.services}\" AND jsonPayload.egress_verdict:* AND NOT jsonPayload.egress_verdict=\"recorded\""
      type        = "INT64"
      unit        = "1"
      value       = null
      labels      = { verdict = "EXTRACT(jsonPayload.egress_verdict)" }
    }
    scheduler_failures = {
      description = "Attempts of the scheduler's jobs that failed"
      filter      = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=~\"^${var.prefix}-(${join("|", keys(local.jobs))})$\" AND severity>=ERROR"
      type        = "INT64"
      unit        = "1"
      value       = null
      labels      = { job = "EXTRACT(resource.labels.job_id)" }
    }
  }
}

resource "google_logging_metric" "this" {
  for_each = local.log_metrics

  name             = "${local.metric_prefix}_${each.key}"
  description      = each.value.description
  filter           = each.value.filter
  value_extractor  = each.value.value
  label_extractors = length(each.value.labels) == 0 ? null : each.value.labels

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.type
    unit        = each.value.unit

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key = labels.key
      }
    }
  }

  dynamic "bucket_options" { # from seconds to a week
    for_each = each.value.type == "DISTRIBUTION" ? [1] : []
    content {
      exponential_buckets {
        num_finite_buckets = 20
        growth_factor      = 2
        scale              = 1
      }
    }
  }

  depends_on = [time_sleep.apis]
}
