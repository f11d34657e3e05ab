# One account per function, with rights on the very resource where that exists. Firestore's exist for a project, with a condition
# for one database: all functions but `convert` write the books, and `console` has no right to anything.

locals {
  roles = {
    object_remover = google_project_iam_custom_role.this["object_remover"].name
    object_settler = google_project_iam_custom_role.this["object_settler"].name
    user_keeper    = google_project_iam_custom_role.this["user_keeper"].name
    user_reader    = google_project_iam_custom_role.this["user_reader"].name
    user_remover   = google_project_iam_custom_role.this["user_remover"].name
    sign_blob      = google_project_iam_custom_role.this["sign_blob"].name
  }

  # Narrower than Google's: id => title, permissions.
  custom_roles = {
    # roles/iam.serviceAccountTokenCreator would let the function become the signer altogether.
    sign_blob = { title = "sign URLs", permissions = ["iam.serviceAccounts.signBlob"] }
    # roles/storage.objectUser would let it write as well.
    object_remover = {
      title       = "read and remove objects"
      permissions = ["storage.objects.delete", "storage.objects.get", "storage.objects.list"]
    }
    # The same, taking away settings of an object that were never granted with it, and putting a placeholder in its place.
    object_settler = {
      title = "read, settle, replace and remove objects"
      permissions = [
        "storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.list", "storage.objects.update",
      ]
    }
    # roles/firebaseauth.admin would let it change how people sign in.
    user_keeper = {
      title       = "keep users"
      permissions = ["firebaseauth.users.create", "firebaseauth.users.delete", "firebaseauth.users.get", "firebaseauth.users.update"]
    }
    # Who serves admins asks whether they still are. roles/firebaseauth.viewer would show the sign-in's configuration as well.
    user_reader = { title = "look up users", permissions = ["firebaseauth.users.get"] }
    # The sweep continues deletions that were interrupted.
    user_remover = { title = "remove users", permissions = ["firebaseauth.users.delete"] }
  }

  # What `convert` may do in each database. The others may use all of them, but for `console`, which may use none.
  convert_databases = {
    books = { role = "roles/datastore.viewer", database = google_firestore_database.books.name }
    media = { role = "roles/datastore.user", database = google_firestore_database.media.name }
  }

  database_grants = merge(
    { for name in keys(local.deployed) : name => { books = { role = "roles/datastore.user", database = null } } },
    { convert = local.convert_databases, console = {} },
  )

  project_grants = merge([
    for name, function in local.deployed : {
      for label, grant in merge(
        local.database_grants[name],
        { for label, role in function.project_roles : label => { role = role, database = null } },
      ) : "${name}/${label}" => merge(grant, { function = name })
    }
  ]...)

  bucket_grants = merge([
    for name, function in local.deployed : {
      for bucket, role in function.buckets : "${name}/${bucket}" => { function = name, bucket = bucket, role = role }
    }
  ]...)

  publishers = merge([
    for name, function in local.deployed : { for topic in function.publishes : "${name}/${topic}" => { function = name, topic = topic } }
  ]...)
}

resource "google_project_iam_custom_role" "this" {
  for_each = local.custom_roles

  role_id     = "${replace(var.prefix, "-", "_")}_${each.key}"
  title       = "Reelgate: ${each.value.title}"
  permissions = each.value.permissions
  depends_on  = [time_sleep.apis]
}

resource "google_service_account" "function" {
  for_each = local.deployed

  account_id   = local.function_names[each.key]
  display_name = "Reelgate function ${each.key}"
  depends_on   = [time_sleep.apis]
}

# Without create_before_destroy Terraform would take a right that is no longer needed away first, and change the function that
# still uses it minutes later: so for all rights of functions.
resource "google_project_iam_member" "function" {
  for_each = local.project_grants

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.function[each.value.function].member

  dynamic "condition" {
    for_each = each.value.database == null ? [] : [each.value.database]
    content {
      title      = "only the database ${condition.value}"
      expression = "resource.name == \"projects/${var.project_id}/databases/${condition.value}\""
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_storage_bucket_iam_member" "function" {
  for_each = local.bucket_grants

  bucket = {
    media      = google_storage_bucket.media.name
    derived    = google_storage_bucket.derived.name
    usage_logs = one(google_storage_bucket.usage_logs[*].name)
  }[each.value.bucket]
  role   = each.value.role
  member = google_service_account.function[each.value.function].member

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = local.publishers

  topic  = google_pubsub_topic.this[each.value.topic].id
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.value.function].member

  lifecycle {
    create_before_destroy = true
  }
}

# --- Signing: accounts that sign URLs and can do no more than what the URLs are for. ---

resource "google_service_account" "signer" {
  for_each = toset(["upload", "read"])

  account_id   = "${var.prefix}-sign-${each.key}"
  display_name = "Reelgate: signs URLs to ${each.key}"
  depends_on   = [time_sleep.apis]
}

resource "google_storage_bucket_iam_member" "sign_upload" {
  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectCreator" # create and nothing else: URLs never overwrite
  member = google_service_account.signer["upload"].member
}

resource "google_storage_bucket_iam_member" "sign_read" {
  for_each = { media = google_storage_bucket.media.name, derived = google_storage_bucket.derived.name }

  bucket = each.value
  role   = "roles/storage.objectViewer"
  member = google_service_account.signer["read"].member
}

resource "google_service_account_iam_member" "sign_blob" {
  for_each = { for name, function in local.deployed : name => function.signs if function.signs != null && var.signer == "iam" }

  service_account_id = google_service_account.signer[each.value].name
  role               = local.roles.sign_blob
  member             = google_service_account.function[each.key].member

  lifecycle {
    create_before_destroy = true
  }
}

# --- Callers ---

resource "google_service_account" "caller" {
  for_each = {
    push      = "Pub/Sub pushes messages to functions"
    scheduler = "Cloud Scheduler calls reset_daily"
    eventarc  = "Eventarc calls finalize and settle_egress"
    gateway   = "the gateway calls the HTTP functions"
  }

  account_id   = "${var.prefix}-call-${each.key}"
  display_name = "Reelgate: ${each.value}"
  depends_on   = [time_sleep.apis]
}

resource "google_project_iam_member" "eventarc_receiver" {
  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.caller["eventarc"].member
}

resource "google_project_iam_member" "eventarc_agent" {
  #checkov:skip=CKV_GCP_49:Google's own agent and its own role, without which no event is delivered
  project    = var.project_id
  role       = "roles/eventarc.serviceAgent"
  member     = "serviceAccount:${local.agents.eventarc}"
  depends_on = [google_project_service_identity.agent]
}

# Google grants it by itself when the service is first used, now and then too late for the first configuration: "API Gateway service
# agent is missing the required permissions" (hashicorp/terraform-provider-google issue 11912).
resource "google_project_iam_member" "apigateway_agent" {
  #checkov:skip=CKV_GCP_49:Google's own agent and its own role, without which there is no gateway
  count = local.behind_load_balancer ? 0 : 1

  project    = var.project_id
  role       = "roles/apigateway.serviceAgent"
  member     = "serviceAccount:${local.agents.apigateway}"
  depends_on = [google_project_service_identity.agent]
}

# Cloud Storage notifies Eventarc of finalized objects through a topic that Eventarc makes, so it cannot be named here.
resource "google_project_iam_member" "storage_agent" {
  project    = var.project_id
  role       = "roles/pubsub.publisher"
  member     = "serviceAccount:${local.agents.storage}"
  depends_on = [data.google_storage_project_service_account.gcs]
}

# Grants take up to a minute or two to be known everywhere; functions, triggers and jobs wait for them, also for new ones.
resource "time_sleep" "grants" {
  create_duration = "90s"
  triggers = {
    grants = join(",", sort(concat(
      keys(local.project_grants), keys(local.bucket_grants), keys(local.publishers), keys(local.secret_readers), [var.signer],
    )))
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build_images, google_project_iam_member.build_logs,
    google_project_iam_member.build_staging, google_project_iam_member.function, google_pubsub_topic_iam_member.publisher,
    google_secret_manager_secret_iam_member.hmac, google_secret_manager_secret_iam_member.this,
    google_service_account_iam_member.sign_blob, google_storage_bucket_iam_member.build_source,
    google_storage_bucket_iam_member.function, google_storage_bucket_iam_member.sign_read,
    google_storage_bucket_iam_member.sign_upload,
  ]
}

# Eventarc's agent takes longest: "Permission denied while using the Eventarc Service Agent" is reported also of projects where agent
# and role are there (hashicorp/terraform-provider-google issue 25294). Only the function with an event trigger waits for it.
resource "time_sleep" "eventarc" {
  create_duration = "180s"

  depends_on = [
    google_project_iam_member.eventarc_agent, google_project_iam_member.eventarc_receiver, google_project_iam_member.storage_agent,
  ]
}
