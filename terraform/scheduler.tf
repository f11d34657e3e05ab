# When the day ends, and what is swept in between. The books survive a lost run: days roll over by themselves.

locals {
  jobs = { # as localcloud/supervisor/services/jobs.py declares them locally; a test compares them
    reset-daily = { schedule = "0 0 * * *", tasks = ["close_day", "sweep"], description = "Closes the day, raises its alerts, sweeps" }
    sweep       = { schedule = "*/10 * * * *", tasks = ["sweep"], description = "Expired uploads, trash, parts, the outbox" }
  }
}

resource "google_cloud_scheduler_job" "this" {
  for_each = local.jobs

  name             = "${var.prefix}-${each.key}"
  region           = var.region
  description      = each.value.description
  schedule         = each.value.schedule
  time_zone        = coalesce(var.rules.day_time_zone, "UTC") # midnight is when the product's day ends
  attempt_deadline = "600s"

  # A run that could not finish answers 503; the retry goes on with what is left.
  retry_config {
    retry_count          = 3
    min_backoff_duration = "30s"
    max_backoff_duration = "600s"
  }

  http_target {
    uri         = "${local.service_urls["reset_daily"]}/"
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode(jsonencode({ tasks = each.value.tasks }))

    oidc_token {
      service_account_email = google_service_account.caller["scheduler"].email
      audience              = local.service_urls["reset_daily"] # by default the URI with its path, which Cloud Run refuses
    }
  }

  depends_on = [module.function]
}
