output "api_url" {
  description = "Where the API is."
  value       = local.behind_load_balancer ? "https://${var.domain}" : "https://${google_api_gateway_gateway.this[0].default_hostname}"
}

output "console_url" {
  description = "Where people sign in with a browser; null without the console."
  value       = !var.console ? null : local.behind_load_balancer ? "https://${var.domain}/" : "https://${google_api_gateway_gateway.this[0].default_hostname}/"
}

output "front_door_address" {
  description = "Address for the domain's A record (load balancer only). The certificate is issued once the record exists."
  value       = local.behind_load_balancer ? google_compute_global_address.front[0].address : null
}

output "buckets" {
  description = "The buckets: media, derived, source."
  value = {
    media   = google_storage_bucket.media.name
    derived = google_storage_bucket.derived.name
    source  = google_storage_bucket.source.name
  }
}

output "topics" {
  description = "Pub/Sub topics to subscribe to."
  value       = { for name, topic in google_pubsub_topic.this : name => topic.id }
}

output "dead_letters" {
  description = "Subscriptions that hold what could not be delivered, by topic."
  value       = { for name, subscription in google_pubsub_subscription.dead_letter : name => subscription.id }
}

output "functions" {
  description = "Names of the functions, for logs and gcloud."
  value       = merge({ for name, function in module.function : name => function.name }, { finalize = module.finalize.name })
}

output "jobs" {
  description = "Names of the scheduler's jobs, to run by hand."
  value       = { for name, job in google_cloud_scheduler_job.this : name => job.name }
}

output "issuer" {
  description = "Issuer and audience of the users' tokens; null where all come from jwt_issuers."
  value       = local.has_directory ? { issuer = "https://securetoken.google.com/${var.project_id}", audience = var.project_id } : null
}

output "signers" {
  description = "Accounts that sign URLs; HMAC keys are made for them."
  value       = { for name, account in google_service_account.signer : name => account.email }
}

output "hmac_secrets" {
  description = "Where the command stores the secrets of HMAC keys."
  value       = { for name, secret in google_secret_manager_secret.hmac : name => secret.secret_id }
}

output "dashboard" {
  description = "The dashboard's name in Cloud Monitoring."
  value       = google_monitoring_dashboard.this.id
}
