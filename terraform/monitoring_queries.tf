# PromQL over Cloud Monitoring's metrics (Cloud Monitoring docs, "Mapping Cloud Monitoring metrics to PromQL").

locals {
  run    = "monitored_resource=\"cloud_run_revision\",service_name=~\"${local.services}\""
  people = "monitored_resource=\"cloud_run_revision\",service_name=~\"^(${join("|", [for name in local.http_functions : local.function_names[name] if !contains(["upload", "audit"], name)])})$\""
  dead   = "monitored_resource=\"pubsub_subscription\",subscription_id=~\"^(${join("|", [for topic in local.topics : "${var.prefix}-${topic}-dead-letter"])})$\""
  # The subscriptions that push, the one that BigQuery reads, and those that Eventarc makes.
  live_names = concat(
    [for name in keys(local.subscriptions) : "${var.prefix}-${name}"],
    ["${var.prefix}-audit-bigquery"],
    [for name in ["finalize", "settle_egress"] : "eventarc-.*${local.function_names[name]}-.*" if contains(keys(local.deployed), name)],
  )
  live = "monitored_resource=\"pubsub_subscription\",subscription_id=~\"^(${join("|", local.live_names)})$\""
  logged = {
    for name in keys(local.log_metrics) : name => "logging_googleapis_com:user_${local.metric_prefix}_${name}"
  }
  media_buckets = "monitored_resource=\"gcs_bucket\",bucket_name=~\"^(${local.buckets.media}|${local.buckets.derived})$\""

  queries = {
    requests    = "sum by (service_name) (rate(run_googleapis_com:request_count{${local.run}}[5m]))"
    errors      = "sum by (service_name) (increase(run_googleapis_com:request_count{${local.run},response_code_class=\"5xx\"}[10m]))"
    all         = "sum by (service_name) (increase(run_googleapis_com:request_count{${local.run}}[10m]))"
    latency     = "histogram_quantile(0.95, sum by (le, service_name) (rate(run_googleapis_com:request_latencies_bucket{${local.people}}[10m])))"
    latency_all = "histogram_quantile(0.95, sum by (le, service_name) (rate(run_googleapis_com:request_latencies_bucket{${local.run}}[10m])))"
    refusals    = "sum by (code) (increase(${local.logged.refusals}{monitored_resource=\"cloud_run_revision\"}[10m]))"
    quota       = "sum(increase(${local.logged.refusals}{monitored_resource=\"cloud_run_revision\",code=~\"^(storage_limit_exceeded|bandwidth_limit_exceeded|too_many_open_uploads)$\"}[%s]))"
    outbox      = "sum(increase(${local.logged.outbox_seconds}_sum{monitored_resource=\"cloud_run_revision\"}[30m])) / sum(increase(${local.logged.outbox_seconds}_count{monitored_resource=\"cloud_run_revision\"}[30m]))"
    swept       = "absent_over_time(${local.logged.outbox_seconds}_count{monitored_resource=\"cloud_run_revision\"}[45m])"
    jobs        = "sum by (job) (increase(${local.logged.scheduler_failures}{monitored_resource=\"cloud_scheduler_job\"}[1h]))"
    late        = "sum(increase(${local.logged.egress_late_bytes}_count{monitored_resource=\"cloud_run_revision\"}[1h]))"
    unread      = "sum(increase(${local.logged.egress_unread}{monitored_resource=\"cloud_run_revision\"}[1h]))"
    dead        = "sum by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{${local.dead}})"
    backlog     = "max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{${local.live}})"
    sent        = "sum by (bucket_name) (rate(storage_googleapis_com:network_sent_bytes_count{${local.media_buckets}}[5m]))"
    received    = "sum by (bucket_name) (rate(storage_googleapis_com:network_received_bytes_count{${local.media_buckets}}[5m]))"
    stored      = "sum by (bucket_name) (storage_googleapis_com:storage_v2_total_bytes{${local.media_buckets}})"
    instances   = "sum by (service_name) (run_googleapis_com:container_instance_count{${local.run}})"
    memory      = "histogram_quantile(0.99, sum by (le, service_name) (rate(run_googleapis_com:container_memory_utilizations_bucket{${local.run}}[10m])))"
    log_errors  = "sum by (service_name) (increase(logging_googleapis_com:log_entry_count{${local.run},severity=~\"ERROR|CRITICAL\"}[10m]))"
  }
}
