# The Google services that Reelgate is made of. Enabling is eventually consistent, and the provider cannot wait for all of it:
# everything else depends on the pause. Two must be on before Terraform can do anything, and are enabled by hand (README):
# serviceusage and cloudresourcemanager.

locals {
  apis = toset(concat(
    [
      "artifactregistry.googleapis.com", "cloudbuild.googleapis.com", "cloudfunctions.googleapis.com",
      "cloudresourcemanager.googleapis.com", "cloudscheduler.googleapis.com", "eventarc.googleapis.com",
      "firebaserules.googleapis.com", "firestore.googleapis.com", "iam.googleapis.com", "iamcredentials.googleapis.com",
      "logging.googleapis.com", "monitoring.googleapis.com", "pubsub.googleapis.com", "run.googleapis.com", "secretmanager.googleapis.com",
      "serviceusage.googleapis.com", "storage.googleapis.com",
    ],
    local.has_directory ? ["apikeys.googleapis.com", "identitytoolkit.googleapis.com", "securetoken.googleapis.com"] : [],
    local.behind_load_balancer ? ["compute.googleapis.com"] : [
      "apigateway.googleapis.com", "servicecontrol.googleapis.com", "servicemanagement.googleapis.com",
    ],
    var.audit_to_bigquery ? ["bigquery.googleapis.com"] : [],
    var.budget == null ? [] : ["billingbudgets.googleapis.com"],
  ))

  # Made by Google on first use of a service, which is too late for the grants that the first apply gives them.
  agents = {
    apigateway = "service-${data.google_project.this.number}@gcp-sa-apigateway.iam.gserviceaccount.com"
    eventarc   = "service-${data.google_project.this.number}@gcp-sa-eventarc.iam.gserviceaccount.com"
    pubsub     = "service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    storage    = "service-${data.google_project.this.number}@gs-project-accounts.iam.gserviceaccount.com"
  }
}

resource "google_project_service" "api" {
  for_each = local.apis

  service            = each.key
  disable_on_destroy = false # others in the project may use them by then
}

resource "time_sleep" "apis" {
  create_duration = "60s"
  triggers        = { apis = join(",", sort(keys(google_project_service.api))) }
}

data "google_project" "this" {
  project_id = var.project_id
}

resource "google_project_service_identity" "agent" {
  for_each = toset(concat(
    ["eventarc.googleapis.com", "pubsub.googleapis.com"], local.behind_load_balancer ? [] : ["apigateway.googleapis.com"],
  ))
  provider = google-beta

  service    = each.key
  depends_on = [time_sleep.apis]
}

# Reading it makes Cloud Storage's agent. Its address is not taken from here: whenever an API is added, this is read only
# during the apply, and a grant to an address that is not known yet would be taken away and given again.
data "google_storage_project_service_account" "gcs" {
  depends_on = [time_sleep.apis]
}
