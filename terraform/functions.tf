# All functions, from one map: what each is, what it may do, and how large it is.

locals {
  # Cloud Run's own address of a service, known before the service exists: where it is called, and what tokens for it are made
  # out to (Cloud Run docs, "Deterministic URLs").
  service_urls = {
    for name, function in local.deployed :
    name => "https://${local.function_names[name]}-${data.google_project.this.number}.${var.region}.run.app"
  }
  deployed = {
    for name, function in local.functions : name => function
    if(name != "settle_egress" || var.usage_logs) && (name != "console" || var.console)
  }
  function_names = { for name in keys(local.deployed) : name => "${var.prefix}-${replace(name, "_", "-")}" }

  # Sizes. An async function spends its time waiting: one CPU serves 80 requests at once (below one CPU Cloud Run allows only
  # one). What holds bytes in memory or decodes video has more memory, and fewer at once. `max_instances` bounds the bill.
  small = { memory = "512Mi", cpu = "1", timeout = 60, concurrency = 80, max_instances = 20, min_instances = 0 }

  # name => description, size and rights. `buckets`: role by bucket. `publishes`: topics. `signs`: which of the signing accounts
  # may sign for it. What openapi.yaml names is reachable for people, what messaging.tf names for Pub/Sub; the rest for neither.
  functions = {
    upload = {
      description = "Grants uploads; takes small forms and chunks"
      # Four forms of 31 MiB at once (FORMS_AT_ONCE), which lie in memory; composing thousands of chunks takes minutes.
      size          = merge(local.small, { memory = "1Gi", timeout = 300 })
      buckets       = { media = "roles/storage.objectUser" }
      publishes     = ["videos", "alerts", "audit"]
      project_roles = local.has_directory ? { directory = local.roles.user_reader } : {} # where only admins upload
      signs         = "upload"
    }
    stream_url = {
      description   = "Signed streaming and download URLs"
      size          = local.small
      buckets       = { derived = "roles/storage.objectViewer" } # the indexes of packaged videos
      publishes     = ["alerts", "audit"]
      project_roles = {}
      signs         = "read"
    }
    usage = {
      description   = "Storage status, days, the ledger, invoices"
      size          = local.small
      buckets       = {}
      publishes     = ["alerts", "audit"]
      project_roles = local.has_directory ? { directory = local.roles.user_reader } : {}
      signs         = "read" # exports of usage
    }
    library = {
      description   = "Lists, deletes, restores and purges videos"
      size          = local.small
      buckets       = { media = local.roles.object_remover }
      publishes     = ["videos", "alerts", "audit"]
      project_roles = {}
      signs         = "read" # posters
    }
    accounts = {
      description   = "Registration, login, the users and their limits"
      size          = local.small
      buckets       = { media = local.roles.object_remover, derived = local.roles.object_remover } # of users who are deleted
      publishes     = ["alerts", "accounts", "audit"]
      project_roles = local.has_directory ? { directory = local.roles.user_keeper } : {}
      signs         = null
    }
    audit = {
      description   = "Records the audit log; admins read it"
      size          = merge(local.small, { timeout = 300 }) # exports are long
      buckets       = {}
      publishes     = ["audit"]
      project_roles = local.has_directory ? { directory = local.roles.user_reader } : {}
      signs         = null
    }
    notify = {
      description = "Mails and webhooks"
      # SMTP servers allow few connections, and a slow webhook must not hold up all others.
      size          = merge(local.small, { timeout = 120, concurrency = 20, max_instances = 5 })
      buckets       = {}
      publishes     = ["audit"]
      project_roles = local.has_directory ? { directory = local.roles.user_reader } : {}
      signs         = null
    }
    console = { # only with the variable of this name
      description = "The web console's page and files"
      # It sends texts from memory, and knows nothing else.
      size          = merge(local.small, { memory = "256Mi", timeout = 30, max_instances = 5 })
      buckets       = {}
      publishes     = []
      project_roles = {}
      signs         = null
    }
    finalize = {
      description   = "Object finalized: settles the books"
      size          = merge(local.small, { timeout = 120 })
      buckets       = { media = local.roles.object_settler } # what has no right to exist is removed, or taken away from it
      publishes     = ["videos", "alerts", "audit"]
      project_roles = {}
      signs         = null
    }
    settle_egress = { # only with usage_logs
      description = "Usage log finalized: records what was sent"
      # A log is read in pieces, one at a time: an hour of a busy deployment takes a minute or two.
      size          = merge(local.small, { timeout = 540, concurrency = 1, max_instances = 3 })
      buckets       = { usage_logs = "roles/storage.objectViewer" }
      publishes     = []
      project_roles = {}
      signs         = null
    }
    convert = {
      description = "Probes videos, makes posters and MP3s"
      # One video at a time on two CPUs. Pub/Sub waits 600 s for an answer, no longer. Four instances are 8 of the 20 CPUs that all
      # functions of a new project share in a region: a burst of videos waits in its subscription, and people are still answered.
      size          = { memory = "2Gi", cpu = "2", timeout = 600, concurrency = 1, max_instances = 4, min_instances = 0 }
      buckets       = { media = "roles/storage.objectViewer", derived = "roles/storage.objectUser" }
      publishes     = ["videos"]
      project_roles = {}
      signs         = null
    }
    reset_daily = {
      description = "Closes the day, sweeps, republishes, writes exports of usage"
      # One run at a time is what the scheduler asks for; the second instance is for a run by hand.
      size = { memory = "512Mi", cpu = "1", timeout = 600, concurrency = 1, max_instances = 2, min_instances = 0 }
      # Completes what a chunked upload's client left sealed, and removes the objects of users who are deleted; exports of usage lie
      # in the bucket for what is derived.
      buckets       = { media = "roles/storage.objectUser", derived = "roles/storage.objectUser" }
      publishes     = ["videos", "alerts", "accounts", "audit"]
      project_roles = local.has_directory ? { directory = local.roles.user_remover } : {}
      signs         = null
    }
  }

  push_functions = toset([for subscription in local.subscriptions : subscription.function])

  # Where only callers with an IAM role are admitted, Cloud Run verifies their tokens itself, and may pass them on without their
  # signatures (Cloud Run docs, "Troubleshoot": "Identity token signature redacted by Google"). The function trusts the
  # platform there, and only there: a function that anyone may call would accept a forged token.
  push_signature = {
    for name in local.push_functions :
    name => length(setintersection(values(local.invokers[name]), ["allUsers", "allAuthenticatedUsers"])) == 0 ? "platform" : "checked"
  }

  # Who may call each function, as label => IAM member. A load balancer has no identity of its own: behind it the function's
  # door is open to `load_balancer_invokers`, and closed to the internet by its ingress.
  invokers = {
    for name in keys(local.deployed) : name => merge(
      !contains(local.http_functions, name) ? {} : (
        local.behind_load_balancer
        ? { for member in var.load_balancer_invokers : member => member }
        : { gateway = google_service_account.caller["gateway"].member }
      ),
      contains(local.push_functions, name) ? { push = google_service_account.caller["push"].member } : {},
      contains(["finalize", "settle_egress"], name) ? { eventarc = google_service_account.caller["eventarc"].member } : {},
      name == "reset_daily" ? { scheduler = google_service_account.caller["scheduler"].member } : {},
    )
  }

  # Pub/Sub, Eventarc and Cloud Scheduler of the same project count as internal (Cloud Run docs, "Restrict network ingress").
  # API Gateway does not: there only IAM keeps others out.
  ingress = {
    for name in keys(local.deployed) : name => (
      !contains(local.http_functions, name) ? "ALLOW_INTERNAL_ONLY" : local.behind_load_balancer ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
    )
  }
}

locals {
  # Rights that are known everywhere, and indexes that are built: a query without its index fails.
  function_needs = [time_sleep.grants.id, keys(google_firestore_index.composite), keys(google_firestore_field.indexed)]
  sizes = {
    for name, function in local.deployed :
    name => { for key, value in function.size : key => try(coalesce(var.sizes[name][key], value), value) }
  }
}

module "function" {
  source   = "./modules/function"
  for_each = { for name, function in local.deployed : name => function if !contains(["finalize", "settle_egress"], name) }

  project_id            = var.project_id
  name                  = local.function_names[each.key]
  entry_point           = each.key
  description           = each.value.description
  region                = var.region
  repository_root       = local.repository_root
  source_bucket         = google_storage_bucket.source.name
  build                 = { service_account = google_service_account.build.id, repository = google_artifact_registry_repository.images.id }
  service_account_email = google_service_account.function[each.key].email
  resources             = local.sizes[each.key]
  ingress               = local.ingress[each.key]
  env                   = local.environments[each.key]
  secret_env            = local.secret_environments[each.key]
  invokers              = local.invokers[each.key]
  wait_for              = jsonencode(local.function_needs)
}

# Apart from the others because it has an event trigger, which waits for Eventarc's agent; the others need not.
module "finalize" {
  source = "./modules/function"

  project_id            = var.project_id
  name                  = local.function_names["finalize"]
  entry_point           = "finalize"
  description           = local.functions.finalize.description
  region                = var.region
  repository_root       = local.repository_root
  source_bucket         = google_storage_bucket.source.name
  build                 = { service_account = google_service_account.build.id, repository = google_artifact_registry_repository.images.id }
  service_account_email = google_service_account.function["finalize"].email
  resources             = local.sizes["finalize"]
  ingress               = local.ingress["finalize"]
  env                   = local.environments["finalize"]
  secret_env            = local.secret_environments["finalize"]
  invokers              = local.invokers["finalize"]
  wait_for              = jsonencode([local.function_needs, time_sleep.eventarc.id])
  trigger = {
    bucket                = google_storage_bucket.media.name
    location              = var.region
    service_account_email = google_service_account.caller["eventarc"].email
  }
}

module "settle_egress" {
  source = "./modules/function"
  count  = var.usage_logs ? 1 : 0

  project_id            = var.project_id
  name                  = local.function_names["settle_egress"]
  entry_point           = "settle_egress"
  description           = local.functions.settle_egress.description
  region                = var.region
  repository_root       = local.repository_root
  source_bucket         = google_storage_bucket.source.name
  build                 = { service_account = google_service_account.build.id, repository = google_artifact_registry_repository.images.id }
  service_account_email = google_service_account.function["settle_egress"].email
  resources             = local.sizes["settle_egress"]
  ingress               = local.ingress["settle_egress"]
  env                   = local.environments["settle_egress"]
  secret_env            = local.secret_environments["settle_egress"]
  invokers              = local.invokers["settle_egress"]
  wait_for              = jsonencode([local.function_needs, time_sleep.eventarc.id])
  trigger = {
    bucket                = google_storage_bucket.usage_logs[0].name
    location              = var.region
    service_account_email = google_service_account.caller["eventarc"].email
  }
}

moved { # until 2026-11 it was one of the others
  from = module.function["finalize"]
  to   = module.finalize
}
