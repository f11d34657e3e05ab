# The providers stand here and not in a folder above so that `terraform apply -var project_id=...` works in this one. Another
# configuration can still call it as a module (examples/ do), once per module block: a module with providers of its own takes
# no count or for_each.

provider "google" {
  project               = var.project_id
  region                = var.region
  default_labels        = local.labels
  user_project_override = true # Identity Platform and budgets insist on a project to bill calls to
  billing_project       = var.project_id
}

provider "google-beta" {
  project               = var.project_id
  region                = var.region
  default_labels        = local.labels
  user_project_override = true
  billing_project       = var.project_id
}
