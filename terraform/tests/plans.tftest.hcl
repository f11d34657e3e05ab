# What is planned by default, and what each switch changes.

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

run "by_default" {
  command = plan

  assert {
    condition     = google_firestore_database.books.deletion_policy == "PREVENT" && google_firestore_database.books.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_storage_bucket.media.deletion_policy == "PREVENT" && !google_storage_bucket.media.force_destroy
    error_message = "Books and videos outlive a terraform destroy."
  }

  assert {
    condition     = google_firestore_database.media.name == "reelgate-media" && google_firestore_database.media.location_id == google_firestore_database.books.location_id && google_firestore_database.media.deletion_policy == "PREVENT" && google_firestore_database.media.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.media.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" && google_firestore_backup_schedule.media[0].retention == "604800s"
    error_message = "The records of derived media are kept as the books are."
  }

  assert {
    condition     = alltrue([for key, field in merge(google_firestore_field.override, google_firestore_field.indexed) : field.database == (startswith(key, "media") ? "reelgate-media" : "(default)")]) && alltrue([for key, index in google_firestore_index.composite : index.database == (startswith(key, "media/") ? "reelgate-media" : "(default)")])
    error_message = "Each collection is indexed in its own database."
  }

  assert {
    condition     = google_firebaserules_release.media.name == "cloud.firestore/reelgate-media" && google_firebaserules_release.media.ruleset_name == google_firebaserules_release.books.ruleset_name
    error_message = "Users' tokens open nothing in the database of derived media."
  }

  assert {
    condition     = google_firestore_database.books.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" && google_firestore_backup_schedule.daily[0].retention == "604800s"
    error_message = "The books can be brought back."
  }

  assert {
    condition     = google_storage_bucket.media.soft_delete_policy[0].retention_duration_seconds == 604800 && google_storage_bucket.derived.soft_delete_policy[0].retention_duration_seconds == 0 && google_storage_bucket.source.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "Removed videos can be brought back, what can be made again is not kept."
  }

  assert {
    condition     = length(google_storage_bucket.media.cors) == 0 && length(google_storage_bucket.media.logging) == 0
    error_message = "No page may use the bucket, and nothing is logged, unless somebody says so."
  }

  assert {
    condition     = anytrue([for rule in google_storage_bucket.media.lifecycle_rule : one(rule.condition).matches_prefix == tolist(["__parts__/"]) && one(rule.action).type == "Delete"])
    error_message = "Forgotten chunks are removed, and nothing but them."
  }

  assert {
    condition     = alltrue([for rule in google_storage_bucket.media.lifecycle_rule : one(rule.action).type != "Delete" || length(coalesce(one(rule.condition).matches_prefix, [])) > 0 || try(one(rule.condition).days_since_custom_time >= 8, false)])
    error_message = "No rule removes videos."
  }

  assert {
    condition     = anytrue([for rule in google_storage_bucket.media.lifecycle_rule : try(one(rule.condition).days_since_custom_time == 8, false) && one(rule.action).type == "Delete"])
    error_message = "Placeholders go when no session is left that they keep out."
  }

  assert {
    condition     = length(google_firestore_index.composite) == length(local.firestore.indexes) && toset(concat(keys(google_firestore_field.override), keys(google_firestore_field.indexed))) == toset(concat([for field in local.firestore.fieldOverrides : "${field.collectionGroup}/${field.fieldPath}"], [for field in local.firestore.fieldOverrides : "media:erased/${field.fieldPath}" if field.collectionGroup == "erased"]))
    error_message = "Firestore has the indexes of firestore.indexes.json."
  }

  assert {
    condition     = toset(keys(google_firestore_field.indexed)) == toset([for field in local.firestore.fieldOverrides : "${field.collectionGroup}/${field.fieldPath}" if length(field.indexes) > 0]) && alltrue([for key, field in google_firestore_field.indexed : length(field.index_config[0].indexes) == length(local.field_overrides[key].indexes) && field.skip_wait != true])
    error_message = "Indexes that queries need are waited for."
  }

  assert {
    condition     = length(google_firestore_field.override) > 100 && alltrue([for field in google_firestore_field.override : field.skip_wait && length(coalesce(field.index_config[0].indexes, [])) == 0])
    error_message = "Exemptions are not waited for, and exempt."
  }

  assert {
    condition     = alltrue([for field in concat(values(google_firestore_field.override), values(google_firestore_field.indexed)) : field.deletion_policy == "ABANDON"])
    error_message = "No field is set back before its database goes."
  }

  assert {
    condition     = google_firebaserules_release.books.name == "cloud.firestore" && google_firebaserules_release.books.ruleset_name == "projects/demo-project-1/rulesets/0a1b" && google_firebaserules_ruleset.books.source[0].files[0].content == file("${path.root}/firestore.rules")
    error_message = "Users' tokens open nothing in Firestore."
  }

  assert {
    condition     = google_project_iam_member.apigateway_agent[0].role == "roles/apigateway.serviceAgent" && google_project_iam_member.apigateway_agent[0].member == "serviceAccount:service-123456789012@gcp-sa-apigateway.iam.gserviceaccount.com" && keys(google_project_service_identity.agent) == ["apigateway.googleapis.com", "eventarc.googleapis.com", "pubsub.googleapis.com"]
    error_message = "The gateway's agent is there, and has its role, before there is a gateway."
  }

  assert {
    condition     = time_sleep.eventarc.create_duration == "180s" && time_sleep.grants.create_duration == "90s"
    error_message = "Eventarc's agent is given longer than other grants."
  }

  assert {
    condition     = sum([for size in values(local.sizes) : size.cpu * size.max_instances if size.concurrency == 1 && size.cpu > 1]) <= 8 && alltrue([for size in values(local.sizes) : size.cpu * size.max_instances <= 20])
    error_message = "No function may have more CPUs than a new project has in a region, and converting leaves most of them to people."
  }

  assert {
    condition     = { for key, field in merge(google_firestore_field.override, google_firestore_field.indexed) : key => true if length(field.ttl_config) > 0 } == merge({ for field in local.firestore.fieldOverrides : "${field.collectionGroup}/${field.fieldPath}" => true if try(field.ttl, false) }, { "media:erased/expires_at" = true })
    error_message = "What expires is deleted by Firestore."
  }

  assert {
    condition     = alltrue([for subscription in concat(values(google_pubsub_subscription.push), values(google_pubsub_subscription.dead_letter)) : subscription.expiration_policy[0].ttl == ""])
    error_message = "No subscription is ever deleted for being idle."
  }

  assert {
    condition     = alltrue([for subscription in google_pubsub_subscription.push : length(subscription.push_config[0].oidc_token) == 1 && length(subscription.dead_letter_policy) == 1 && length(subscription.retry_policy) == 1])
    error_message = "Every push carries a token, waits longer after each failure, and ends among the dead letters."
  }

  assert {
    condition     = google_pubsub_subscription.push["convert-videos"].push_config[0].push_endpoint == "https://reelgate-convert-123456789012.europe-west1.run.app/" && google_pubsub_subscription.push["convert-videos"].push_config[0].oidc_token[0].audience == "https://reelgate-convert-123456789012.europe-west1.run.app"
    error_message = "A push goes to the function's own address, which is its audience."
  }

  assert {
    condition     = google_pubsub_subscription.push["convert-videos"].filter == "attributes.type = \"video.ready\" OR attributes.type = \"video.restored\" OR attributes.type = \"video.purged\" OR attributes.type = \"audio.requested\" OR attributes.type = \"hls.requested\""
    error_message = "convert is told what concerns it."
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.this : job.http_target[0].oidc_token[0].audience == "https://reelgate-reset-daily-123456789012.europe-west1.run.app" && job.time_zone == "UTC" && job.retry_config[0].retry_count == 3])
    error_message = "Jobs say for whom their token is, and are tried again."
  }

  assert {
    condition     = { for name, env in local.environments : name => env.REELGATE_SIGNER if env.REELGATE_SIGNER != "none" } == { library = "iam", stream_url = "iam", upload = "iam", usage = "iam" }
    error_message = "Functions that sign do so without a key; the others sign nothing."
  }

  assert {
    condition     = { for name, grant in google_service_account_iam_member.sign_blob : name => local.functions[name].signs } == { library = "read", stream_url = "read", upload = "upload", usage = "read" }
    error_message = "Each may sign as the account for what it does."
  }

  assert {
    condition     = length(google_secret_manager_secret_iam_member.hmac) == 0
    error_message = "Nobody may read signing keys that nobody uses."
  }

  assert {
    condition     = alltrue([for target in google_apikeys_key.identity[0].restrictions[0].api_targets : contains(local.apis, target.service)])
    error_message = "What the key is for is enabled."
  }

  assert {
    condition     = google_identity_platform_config.this[0].client[0].permissions[0].disabled_user_signup && !contains(keys(local.environment), "REELGATE_JWT_ISSUERS")
    error_message = "Users are made by the function alone, and only their tokens count."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.this) == 0 && length(google_billing_budget.this) == 0 && length(google_bigquery_dataset.audit) == 0 && length(google_storage_bucket.usage_logs) == 0
    error_message = "What costs money is off."
  }

  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).gridLayout.widgets) == 14 && length(google_logging_metric.this) == 5
    error_message = "There is a dashboard, and what it counts."
  }

  assert {
    condition     = length(setsubtract(["apigateway.googleapis.com", "eventarc.googleapis.com", "identitytoolkit.googleapis.com"], local.apis)) == 0 && length(setintersection(["compute.googleapis.com", "bigquery.googleapis.com", "billingbudgets.googleapis.com"], local.apis)) == 0
    error_message = "Only the services that are used are enabled."
  }

  assert {
    condition     = yamldecode(local.gateway_document).paths["/v1/videos/{video_id}"].head["x-google-backend"].address == yamldecode(local.gateway_document).paths["/v1/videos/{video_id}"].get["x-google-backend"].address && yamldecode(local.gateway_document).paths["/stream/video/{filename}"].head.operationId == "probe_video"
    error_message = "The gateway must send HEAD where it sends GET."
  }

  assert {
    condition     = yamldecode(local.gateway_document).paths["/files/{filename}"].get["x-google-backend"].address == "https://reelgate-library-123456789012.europe-west1.run.app" && yamldecode(local.gateway_document).paths["/files/{filename}"].options.parameters[0].name == "filename"
    error_message = "The gateway sends a path, and the question before it, to the function of openapi.yaml."
  }

  assert {
    condition     = yamldecode(local.gateway_document).paths["/"].get["x-google-backend"].address == "https://reelgate-console-123456789012.europe-west1.run.app" && contains(keys(yamldecode(local.gateway_document).paths), "/console/assets/{asset}")
    error_message = "The console is at the root of the front door, unless somebody says otherwise."
  }
}

run "with_settings_of_its_own" {
  command = plan

  variables {
    prefix             = "videos"
    firestore_location = "eur3"
    labels             = { team = "media" }
    cors_origins       = ["https://videos.example.com", "http://localhost:5173"]
    rules              = { storage_limit_bytes = 0, alert_thresholds = [75, 100], day_time_zone = "Europe/Berlin", upload_roles = ["admin"] }
    jwt_issuers        = [{ issuer = "https://main.example.com", audience = "reelgate", jwks_url = "https://main.example.com/keys", role_claim = "" }]
    sizes              = { stream_url = { min_instances = 1 } }
    soft_delete_days   = 0
    backup_days        = 0
    mail               = { host = "smtp.example.com", from = "videos@example.com", audio_page = "https://films.example/videos/{video_id}" }
    alert_emails       = ["operations@example.com", "boss@example.com"]
    api_url            = "https://videos-abc.ew.gateway.dev"
    budget             = { billing_account = "012345-6789AB-CDEF01", amount = 99.5 }
  }

  assert {
    condition = { for name, value in local.environment : name => value if contains(["REELGATE_STORAGE_LIMIT_BYTES", "REELGATE_ALERT_THRESHOLDS", "REELGATE_DAY_TIME_ZONE", "REELGATE_UPLOAD_ROLES", "REELGATE_CORS_ORIGINS", "REELGATE_DAILY_LIMIT_BYTES"], name) } == {
      REELGATE_STORAGE_LIMIT_BYTES = "0", REELGATE_ALERT_THRESHOLDS = "75,100", REELGATE_DAY_TIME_ZONE = "Europe/Berlin", REELGATE_UPLOAD_ROLES = "admin", REELGATE_CORS_ORIGINS = "https://videos.example.com,http://localhost:5173",
    }
    error_message = "Rules reach the functions as text; what is not given is left to the code."
  }

  assert {
    condition     = jsondecode(local.environment.REELGATE_JWT_ISSUERS) == [{ firebase_project = "demo-project-1" }, { issuer = "https://main.example.com", audience = "reelgate", jwks_url = "https://main.example.com/keys", role_claim = "" }]
    error_message = "The project's own tokens and the other issuer's count, and an empty claim stays empty."
  }

  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.this : job.time_zone == "Europe/Berlin"])
    error_message = "The job runs when the product's day ends."
  }

  assert {
    condition     = google_storage_bucket.media.cors[0].origin == tolist(["https://videos.example.com", "http://localhost:5173", "https://videos-abc.ew.gateway.dev"]) && length(setsubtract(["Location", "Range", "ETag", "Content-Type", "x-goog-resumable", "x-goog-hash"], google_storage_bucket.media.cors[0].response_header)) == 0
    error_message = "Pages of these origins, and the console, can upload in pieces."
  }

  assert {
    condition     = google_firestore_database.books.location_id == "eur3" && length(google_firestore_backup_schedule.daily) == 0 && google_storage_bucket.media.soft_delete_policy[0].retention_duration_seconds == 0
    error_message = "Locations and safety are as asked for."
  }

  assert {
    condition     = { for name, value in local.environments.notify : name => value if startswith(name, "REELGATE_SMTP") || startswith(name, "REELGATE_MAIL") || name == "REELGATE_API_URL" } == { REELGATE_SMTP_HOST = "smtp.example.com", REELGATE_MAIL_FROM = "videos@example.com", REELGATE_MAIL_AUDIO_PAGE = "https://films.example/videos/{video_id}", REELGATE_API_URL = "https://videos-abc.ew.gateway.dev" }
    error_message = "notify knows its mail server and where the API is."
  }

  assert {
    condition     = [for name, env in local.environments : name if lookup(env, "REELGATE_API_URL", "") == "https://videos-abc.ew.gateway.dev"] == ["library", "notify"]
    error_message = "Links in mails and to posters lead to the API."
  }

  assert {
    condition     = length([for env in values(local.environments) : env if contains(keys(env), "REELGATE_SMTP_HOST")]) == 1
    error_message = "Nobody else does."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.this) == 9 && alltrue([for policy in google_monitoring_alert_policy.this : length(policy.notification_channels) == 2 && policy.conditions[0].condition_prometheus_query_language[0].disable_metric_validation])
    error_message = "Both are told of everything, and policies can be made before anything was measured."
  }

  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "99" && length(google_billing_budget.this[0].all_updates_rule[0].monitoring_notification_channels) == 2
    error_message = "The budget is in whole units, and mailed."
  }

  assert {
    condition     = alltrue([for name, alert in local.alerts : trimsuffix(alert.duration, "s") % alert.every == 0]) && { for name, policy in google_monitoring_alert_policy.this : name => policy.conditions[0].condition_prometheus_query_language[0].evaluation_interval } == { errors = "60s", latency = "60s", backlog = "60s", dead_letters = "300s", outbox = "300s", sweep = "300s", jobs = "300s", quota = "300s", egress = "300s" }
    error_message = "What can wait five minutes is asked for every five minutes, and durations are whole numbers of questions."
  }

  assert {
    condition     = alltrue([for account in values(google_service_account.function) : startswith(account.account_id, "videos-")]) && google_storage_bucket.media.name == "demo-project-1-videos-media"
    error_message = "Names begin with the prefix."
  }
}

run "without_the_console" {
  command = plan

  variables {
    console = false
    api_url = "https://videos-abc.ew.gateway.dev"
  }

  assert {
    condition     = !contains(keys(module.function), "console") && !contains(keys(google_service_account.function), "console") && !contains(local.http_functions, "console")
    error_message = "Nothing of it is made."
  }

  assert {
    condition     = length([for path in keys(yamldecode(local.gateway_document).paths) : path if path == "/" || startswith(path, "/console")]) == 0 && output.console_url == null
    error_message = "Its addresses are unknown ones."
  }

  assert {
    condition     = length(google_storage_bucket.media.cors) == 0
    error_message = "Nobody has to upload from the API's origin."
  }
}

run "with_many_who_are_told" {
  command = plan

  variables {
    alert_emails = [for number in range(7) : "operations-${number}@example.com"]
    budget       = { billing_account = "012345-6789AB-CDEF01", amount = 100 }
  }

  assert {
    condition     = length(google_billing_budget.this[0].all_updates_rule[0].monitoring_notification_channels) == 5 && alltrue([for policy in google_monitoring_alert_policy.this : length(policy.notification_channels) == 7])
    error_message = "A budget tells five, which is all that it can; alerts tell everybody."
  }
}

run "with_foreign_issuers_only" {
  command = plan

  variables {
    identity    = "foreign"
    jwt_issuers = [{ issuer = "https://main.example.com", audience = "reelgate", public_key = "-----BEGIN PUBLIC KEY-----" }]
  }

  assert {
    condition     = length(google_identity_platform_config.this) + length(google_apikeys_key.identity) == 0 && !contains(local.apis, "identitytoolkit.googleapis.com")
    error_message = "No directory of users is made."
  }

  assert {
    condition     = alltrue([for environment in local.environments : environment.REELGATE_DIRECTORY == "none"]) && !contains(keys(local.environments.accounts), "REELGATE_IDENTITY_API_KEY") && keys(local.secrets) == ["throttle-key"]
    error_message = "Nobody signs in here."
  }

  assert {
    condition     = [for issuer in jsondecode(local.environment.REELGATE_JWT_ISSUERS) : issuer.issuer] == ["https://main.example.com"]
    error_message = "Only the other issuer's tokens count."
  }

  assert {
    condition     = alltrue([for key, grant in google_project_iam_member.function : !endswith(key, "/directory")])
    error_message = "Nobody can keep or look up users."
  }
}

run "with_fast_signing" {
  command = plan

  variables {
    signer          = "hmac"
    hmac_access_ids = { upload = { access_id = "GOOGUP", version = "3" }, read = { access_id = "GOOGREAD", version = "7" } }
  }

  assert {
    condition     = { for name, secrets in local.secret_environments : name => secrets.REELGATE_HMAC_SECRET if contains(keys(secrets), "REELGATE_HMAC_SECRET") } == { library = { secret = "reelgate-hmac-read", version = "7" }, stream_url = { secret = "reelgate-hmac-read", version = "7" }, upload = { secret = "reelgate-hmac-upload", version = "3" }, usage = { secret = "reelgate-hmac-read", version = "7" } }
    error_message = "Each signer has the key for what it signs, at the version that was said."
  }

  assert {
    condition     = local.environments.upload.REELGATE_HMAC_ACCESS_ID == "GOOGUP" && local.environments.library.REELGATE_HMAC_ACCESS_ID == "GOOGREAD"
    error_message = "The ids belong to the keys."
  }

  assert {
    condition     = length(google_service_account_iam_member.sign_blob) == 0 && keys(google_secret_manager_secret_iam_member.hmac) == ["library", "stream_url", "upload", "usage"]
    error_message = "Who has a key need not ask Google to sign."
  }
}

run "for_a_while_only" {
  command = plan

  variables {
    deletion_protection = false
    force_destroy       = true
  }

  assert {
    condition     = google_firestore_database.books.deletion_policy == "DELETE" && google_firestore_database.books.delete_protection_state == "DELETE_PROTECTION_DISABLED" && google_storage_bucket.media.deletion_policy == "DELETE" && google_storage_bucket.media.force_destroy
    error_message = "What is for trying out goes away without a trace."
  }
}
