# The smallest working Reelgate needs a project only. Users register and log in here, API Gateway is the front door, Google signs
# URLs, and no mails are sent.

module "reelgate" {
  source = "../.."

  project_id = var.project_id
  front_door = var.front_door
  domain     = var.domain

  # A place to try things out: all of it can be destroyed. Leave these two lines away for videos that matter.
  deletion_protection = false
  force_destroy       = true
}
