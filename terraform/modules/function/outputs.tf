output "name" {
  description = "Name of the function and of the service below it."
  value       = google_cloudfunctions2_function.this.name
}

output "uri" {
  description = "Address of the service below the function."
  value       = google_cloudfunctions2_function.this.service_config[0].uri
}

output "archive" {
  description = "Name of the object with its sources: changes exactly when they do."
  value       = google_storage_bucket_object.source.name
}
