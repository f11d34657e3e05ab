mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}

mock_resource "google_project_iam_custom_role" {
  defaults = {
    name = "projects/demo-project-1/roles/custom"
  }
}

mock_resource "google_compute_global_address" {
  defaults = {
    address = "203.0.113.10"
  }
}

mock_resource "google_service_account" {
  defaults = {
    email  = "account@demo-project-1.iam.gserviceaccount.com"
    member = "serviceAccount:account@demo-project-1.iam.gserviceaccount.com"
    name   = "projects/demo-project-1/serviceAccounts/account@demo-project-1.iam.gserviceaccount.com"
  }
}

mock_resource "google_firebaserules_ruleset" {
  defaults = {
    name = "projects/demo-project-1/rulesets/0a1b"
  }
}
