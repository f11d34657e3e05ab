# One page that answers: is it used, does it work, is something stuck, how much is moved and stored?

locals {
  charts = [
    { title = "Requests per second", query = local.queries.requests, unit = "1/s" },
    { title = "Server errors, percent", query = "100 * ${local.queries.errors} / ${local.queries.all}", unit = "%" },
    { title = "Latency, 95th percentile", query = local.queries.latency_all, unit = "ms" },
    { title = "Refusals by code, per 10 minutes", query = local.queries.refusals, unit = "1" },
    { title = "Outbox: age of the oldest item", query = local.queries.outbox, unit = "s" },
    { title = "Dead letters", query = local.queries.dead, unit = "1" },
    { title = "Oldest undelivered message", query = local.queries.backlog, unit = "s" },
    { title = "Failed attempts of jobs, per hour", query = local.queries.jobs, unit = "1" },
    { title = "Bytes sent", query = local.queries.sent, unit = "By/s" },
    { title = "Bytes received", query = local.queries.received, unit = "By/s" },
    { title = "Bytes stored", query = local.queries.stored, unit = "By" },
    { title = "Errors in logs, per 10 minutes", query = local.queries.log_errors, unit = "1" },
    { title = "Instances", query = local.queries.instances, unit = "1" },
    { title = "Memory in use, 99th percentile", query = local.queries.memory, unit = "10^2.%" },
  ]
}

# Without `name`, `etag` and empty values: Google would fill them in, and every plan would show a difference.
resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = "Reelgate (${var.prefix})"
    gridLayout = {
      columns = "2"
      widgets = [
        for chart in local.charts : {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType        = "LINE"
              targetAxis      = "Y1"
              timeSeriesQuery = { prometheusQuery = chart.query, unitOverride = chart.unit }
            }]
            yAxis = { scale = "LINEAR" }
          }
        }
      ]
    }
  })

  depends_on = [time_sleep.apis]
}
