# What holds of every deployment: nothing is public that need not be, nobody can do more than needed. Plans with mock providers:
# no account of Google is needed. Providers that are not mocked here (archive, random) work on this machine alone.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "google-beta" {
  override_during = plan
}

mock_provider "time" {}

variables {
  project_id = "demo-project-1"
}

run "everything_switched_on" {
  command = plan

  variables {
    audit_to_bigquery = true
    usage_logs        = true
    signer            = "hmac"
    hmac_access_ids   = { upload = { access_id = "GOOG1", version = "1" }, read = { access_id = "GOOG2", version = "1" } }
    mail              = { host = "smtp.example.com", user = "reelgate", from = "videos@example.com" }
    smtp_password     = "password"
    webhooks          = "[]"
    webhooks_version  = "1"
    alert_emails      = ["operations@example.com"]
  }

  assert {
    condition = alltrue([
      for bucket in concat(
        [google_storage_bucket.media, google_storage_bucket.derived, google_storage_bucket.source], google_storage_bucket.usage_logs,
      ) : bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access
    ])
    error_message = "Every bucket enforces public access prevention and uniform access."
  }

  assert {
    condition = alltrue([
      for grant in concat(
        values(google_storage_bucket_iam_member.function), values(google_storage_bucket_iam_member.sign_read),
        [google_storage_bucket_iam_member.sign_upload, google_storage_bucket_iam_member.build_source],
      ) : !strcontains(grant.member, "allUsers") && !strcontains(grant.member, "allAuthenticatedUsers")
    ])
    error_message = "No bucket is open to everybody."
  }

  assert {
    condition = alltrue([
      for grant in concat(
        values(google_project_iam_member.function),
        [
          google_project_iam_member.eventarc_receiver, google_project_iam_member.eventarc_agent, google_project_iam_member.storage_agent,
          google_project_iam_member.build_logs, google_project_iam_member.build_staging,
        ],
        google_project_iam_member.apigateway_agent,
      ) : !contains(["roles/owner", "roles/editor", "roles/viewer"], grant.role) && !can(regex("(?i)admin", grant.role))
    ])
    error_message = "Nobody is owner, editor, viewer or any kind of admin of the project."
  }

  assert {
    condition     = toset([for grant in google_project_iam_member.function : grant.role]) == toset(["roles/datastore.user", "roles/datastore.viewer", "projects/demo-project-1/roles/custom"])
    error_message = "In the whole project functions can do nothing but keep the books, keep users, and look them up."
  }

  assert {
    condition = { for key, grant in google_project_iam_member.function : key => [grant.role, grant.condition[0].expression] if length(grant.condition) > 0 } == {
      "convert/books" = ["roles/datastore.viewer", "resource.name == \"projects/demo-project-1/databases/(default)\""]
      "convert/media" = ["roles/datastore.user", "resource.name == \"projects/demo-project-1/databases/reelgate-media\""]
    }
    error_message = "Who opens files of strangers reads the books, and writes the records of derived media."
  }

  assert {
    condition = toset([for key, grant in google_project_iam_member.function : key if !startswith(grant.role, "roles/datastore.")]) == toset([
      "accounts/directory", "audit/directory", "notify/directory", "reset_daily/directory", "upload/directory", "usage/directory",
    ])
    error_message = "The project's users are for accounts, for functions with routes of admins, and for the sweep that erases users."
  }

  assert {
    condition     = google_project_iam_custom_role.this["user_reader"].permissions == toset(["firebaseauth.users.get"])
    error_message = "Functions with routes of admins only look users up."
  }

  assert {
    condition     = google_project_iam_member.build_staging.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-europe-west1\")"
    error_message = "The build account reads only where Cloud Functions keeps sources."
  }

  assert {
    condition = (
      google_storage_bucket_iam_member.sign_upload.role == "roles/storage.objectCreator"
      && alltrue([for grant in google_storage_bucket_iam_member.sign_read : grant.role == "roles/storage.objectViewer"])
    )
    error_message = "Who signs uploads can create and not overwrite, who signs downloads can read."
  }

  assert {
    condition     = google_project_iam_custom_role.this["sign_blob"].permissions == toset(["iam.serviceAccounts.signBlob"])
    error_message = "Signing means signBlob alone."
  }

  assert {
    condition     = length(distinct(values(google_service_account.function)[*].account_id)) == length(local.functions)
    error_message = "Every function has an account of its own."
  }

  assert {
    condition     = alltrue([for name, account in google_service_account.function : length(account.account_id) <= 30])
    error_message = "Names of service accounts have 30 characters at most."
  }

  assert {
    condition     = keys(google_storage_bucket_iam_member.function) == ["accounts/derived", "accounts/media", "convert/derived", "convert/media", "finalize/media", "library/media", "reset_daily/derived", "reset_daily/media", "settle_egress/usage_logs", "stream_url/derived", "upload/media"]
    error_message = "The other functions cannot touch a video, and only settle_egress reads usage logs."
  }

  assert {
    condition     = { for key, grant in google_storage_bucket_iam_member.function : key => grant.role if !strcontains(grant.role, "custom") } == { "convert/derived" = "roles/storage.objectUser", "convert/media" = "roles/storage.objectViewer", "reset_daily/derived" = "roles/storage.objectUser", "reset_daily/media" = "roles/storage.objectUser", "settle_egress/usage_logs" = "roles/storage.objectViewer", "stream_url/derived" = "roles/storage.objectViewer", "upload/media" = "roles/storage.objectUser" }
    error_message = "Only upload and the sweep write videos; only convert writes what is derived from them, and the sweep exports beside it."
  }

  assert {
    condition     = length([for key in concat(keys(local.project_grants), keys(local.bucket_grants), keys(local.publishers), keys(local.secret_readers), keys(google_service_account_iam_member.sign_blob)) : key if strcontains(key, "console")]) == 0 && length(google_service_account.function["console"].account_id) > 0
    error_message = "Who sends the console's files to everybody has an account, and no right to anything."
  }

  assert {
    condition     = [for key in keys(google_secret_manager_secret_iam_member.this) : key if !startswith(key, "throttle-key/")] == ["smtp-password/notify", "webhooks/notify"]
    error_message = "What belongs to one function has one reader."
  }

  assert {
    condition     = toset([for key in keys(google_secret_manager_secret_iam_member.this) : trimprefix(key, "throttle-key/") if startswith(key, "throttle-key/")]) == setsubtract(local.http_functions, ["console"])
    error_message = "Whoever takes credentials counts wrong ones, under hashes with a key."
  }

  assert {
    condition     = alltrue([for name, secrets in local.secret_environments : !contains(keys(secrets), "REELGATE_HMAC_SECRET") || local.functions[name].signs != null])
    error_message = "Signing keys go to functions that sign."
  }
}

run "usage_logs" {
  command = plan

  variables {
    usage_logs = true
  }

  assert {
    condition     = join(",", keys(local.invokers.settle_egress)) == "eventarc" && local.ingress.settle_egress == "ALLOW_INTERNAL_ONLY"
    error_message = "Only Eventarc calls the function that reads usage logs."
  }

  assert {
    condition     = [for rule in google_storage_bucket.usage_logs[0].lifecycle_rule : one(rule.condition).age] == [7]
    error_message = "Usage logs, which have URLs and addresses in them, are kept for a week."
  }

  assert {
    condition     = [for name, env in local.environments : name if contains(keys(env), "REELGATE_EGRESS")] == ["reset_daily", "settle_egress"]
    error_message = "With usage logs, what was charged is settled."
  }
}

run "behind_the_gateway" {
  command = plan

  assert {
    condition     = { for name, env in local.environments : name => env.REELGATE_PUSH_SIGNATURE if contains(keys(env), "REELGATE_PUSH_SIGNATURE") } == { audit = "platform", convert = "platform", notify = "platform" }
    error_message = "Nobody reaches a function past Cloud Run's own check of the token."
  }

  assert {
    condition     = alltrue([for members in values(local.invokers) : !contains(values(members), "allUsers")])
    error_message = "Behind API Gateway no function is open to everybody."
  }

  assert {
    condition     = { for name, members in local.invokers : name => join(",", keys(members)) if !contains(local.http_functions, name) } == { convert = "push", finalize = "eventarc", reset_daily = "scheduler" }
    error_message = "What people do not call has one caller."
  }

  assert {
    condition     = alltrue([for name in local.http_functions : contains(keys(local.invokers[name]), "gateway")])
    error_message = "The gateway may call what people call."
  }

  assert {
    condition     = { for name, ingress in local.ingress : name => ingress if ingress != "ALLOW_ALL" } == { convert = "ALLOW_INTERNAL_ONLY", finalize = "ALLOW_INTERNAL_ONLY", reset_daily = "ALLOW_INTERNAL_ONLY" }
    error_message = "What people do not call is not to be reached from outside."
  }

  assert {
    condition     = length(google_compute_security_policy.front) + length(google_compute_global_forwarding_rule.front) == 0
    error_message = "No load balancer is paid for."
  }

  assert {
    condition     = alltrue([for name, env in local.environments : length([for variable in keys(env) : variable if can(regex("(SECRET|PASSWORD|WEBHOOKS|THROTTLE)", variable))]) == 0])
    error_message = "No secret is an ordinary environment variable."
  }
}

run "behind_the_load_balancer" {
  command = plan

  variables {
    front_door = "load_balancer"
    domain     = "api.example.com"
  }

  assert {
    condition     = alltrue([for name, members in local.invokers : contains(values(members), "allUsers") == contains(local.http_functions, name)])
    error_message = "Exactly the functions that people call are open."
  }

  assert {
    condition     = alltrue([for name, ingress in local.ingress : ingress == (contains(local.http_functions, name) ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY")])
    error_message = "Nobody gets past the load balancer."
  }

  assert {
    condition     = alltrue([for backend in google_compute_backend_service.function : backend.load_balancing_scheme == "EXTERNAL_MANAGED"])
    error_message = "Cloud Armor needs an EXTERNAL_MANAGED backend."
  }

  assert {
    condition     = google_storage_bucket.media.cors[0].origin == tolist(["https://api.example.com"]) && output.console_url == "https://api.example.com/"
    error_message = "The console, which has the API's origin, can upload, and no other page."
  }

  assert {
    condition     = [for route in local.load_balancer_routes : route.function if contains(route.full, "/")] == ["console"] && [for route in local.load_balancer_routes : route.function if contains(route.templates, "/console/assets/{asset}")] == ["console"]
    error_message = "The console is at the root, and so are its files."
  }

  assert {
    condition     = toset(keys(google_compute_backend_service.function)) == local.http_functions
    error_message = "Each function that people call has a backend."
  }

  assert {
    condition     = google_compute_ssl_policy.front[0].min_tls_version == "TLS_1_2" && google_compute_global_forwarding_rule.front[0].port_range == "443"
    error_message = "HTTPS alone, from TLS 1.2."
  }

  assert {
    condition     = length(google_api_gateway_gateway.this) + length(google_project_iam_member.apigateway_agent) == 0 && keys(google_project_service_identity.agent) == ["eventarc.googleapis.com", "pubsub.googleapis.com"]
    error_message = "One front door."
  }

  assert {
    condition     = { for name, env in local.environments : name => env.REELGATE_PUSH_SIGNATURE if contains(keys(env), "REELGATE_PUSH_SIGNATURE") } == { audit = "checked", convert = "platform", notify = "checked" }
    error_message = "A function that everybody may call believes signatures alone."
  }
}

run "an_organisation_that_forbids_all_users" {
  command = plan

  variables {
    front_door             = "load_balancer"
    domain                 = "api.example.com"
    load_balancer_invokers = ["domain:example.com"]
  }

  assert {
    condition     = !strcontains(jsonencode(local.invokers), "allUsers")
    error_message = "Nothing is granted to allUsers."
  }

  assert {
    condition     = alltrue([for name in local.push_functions : local.environments[name].REELGATE_PUSH_SIGNATURE == "platform"])
    error_message = "Cloud Run checks whoever calls."
  }
}

run "a_door_for_everybody_with_an_account" {
  command = plan

  variables {
    front_door             = "load_balancer"
    domain                 = "api.example.com"
    load_balancer_invokers = ["allAuthenticatedUsers", "domain:example.com"]
  }

  assert {
    condition     = local.environments.audit.REELGATE_PUSH_SIGNATURE == "checked" && local.environments.notify.REELGATE_PUSH_SIGNATURE == "checked" && local.environments.convert.REELGATE_PUSH_SIGNATURE == "platform"
    error_message = "Everybody has an account."
  }
}
