# One Cloud Run function: its sources, the function, and who may call it.

locals {
  own    = "${var.repository_root}/functions/${var.entry_point}"
  shared = "${var.repository_root}/src"
  files = merge(
    { for path in fileset(local.own, "{main.py,requirements.txt}") : path => "${local.own}/${path}" },
    { for path in local.package : path => "${local.shared}/${path}" if !startswith(path, local.dist) },
    { for path in setunion(local.watch_page, local.console) : path => "${local.shared}/${path}" },
  )
  package = fileset(local.shared, "reelgate/**/*.{py,html,json,txt,typed}")

  # What browsers load is in the archive of the function that serves it, and in no other.
  dist            = "reelgate/web/console/dist"
  console         = var.entry_point == "console" ? fileset(local.shared, "${local.dist}/**/*.{html,css,js,svg,txt}") : []
  lacks_a_console = var.entry_point == "console" && !contains(local.console, "${local.dist}/index.html")

  assets         = "reelgate/web/watch/assets"
  watch_page     = var.entry_point == "stream_url" ? fileset(local.shared, "${local.assets}/*.{css,js,svg}") : []
  lacks_a_player = contains(local.watch_page, "${local.assets}/player.js") && !contains(local.watch_page, "${local.assets}/hls.light.min.js")
}

data "archive_file" "source" {
  type             = "zip"
  output_path      = "${path.root}/.build/${var.name}.zip"
  output_file_mode = "0644" # else modes of the checkout change the hash, and with it every function

  dynamic "source" {
    for_each = local.files
    content {
      filename = source.key
      content  = file(source.value)
    }
  }
}

# Named by its content: the function is deployed again exactly when its content changes.
resource "google_storage_bucket_object" "source" {
  name   = "${var.entry_point}/${data.archive_file.source.output_sha256}.zip"
  bucket = var.source_bucket
  source = data.archive_file.source.output_path

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = !local.lacks_a_player
      error_message = "src/${local.assets}/hls.light.min.js is missing, and the watch page plays nothing without it. In the repository, run: ./emulator.sh watch-assets"
    }

    precondition {
      condition     = !local.lacks_a_console
      error_message = "src/${local.dist}/index.html is missing: the web console was not built. In the repository, run: ./emulator.sh clients. Or deploy without it: console = false."
    }
  }
}

resource "google_cloudfunctions2_function" "this" {
  name        = var.name
  location    = var.region
  description = var.description

  build_config {
    runtime           = "python313" # from 3.14 on Google's builder installs with uv: see first that it checks the hashes
    entry_point       = var.entry_point
    service_account   = var.build.service_account
    docker_repository = var.build.repository
    # The builder compiles our modules, then sets the times of all files in the image to 1980: compiled code that Python recognises
    # by its source's time would be thrown away, and each cold start would compile anew. With this, Python recognises it by a hash
    # of its source (py_compile, "PycInvalidationMode"; buildpacks/lifecycle, issue 1358). The value is that time.
    environment_variables = { SOURCE_DATE_EPOCH = "315532801" }

    source {
      storage_source {
        bucket = google_storage_bucket_object.source.bucket
        object = google_storage_bucket_object.source.name
      }
    }

    automatic_update_policy {} # security patches of the base image without a deployment
  }

  service_config {
    available_memory                 = var.resources.memory
    available_cpu                    = var.resources.cpu
    timeout_seconds                  = var.resources.timeout
    max_instance_request_concurrency = var.resources.concurrency
    max_instance_count               = var.resources.max_instances
    min_instance_count               = var.resources.min_instances
    ingress_settings                 = var.ingress
    service_account_email            = var.service_account_email
    # Without this, functions-framework builds a Flask application first and throws it away for an async function.
    environment_variables = merge(var.env, { FUNCTION_USE_ASGI = "true" })

    dynamic "secret_environment_variables" {
      for_each = var.secret_env
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  dynamic "event_trigger" {
    for_each = var.trigger == null ? [] : [var.trigger]
    content {
      event_type            = "google.cloud.storage.object.v1.finalized"
      trigger_region        = lower(event_trigger.value.location)
      retry_policy          = "RETRY_POLICY_RETRY"
      service_account_email = event_trigger.value.service_account_email

      event_filters {
        attribute = "bucket"
        value     = event_trigger.value.bucket
      }
    }
  }

  # Not a depends_on of the whole module: that would put off reading the sources until the apply, and hide from a plan which
  # functions it deploys.
  depends_on = [var.wait_for]
}

# On the service below the function: roles/cloudfunctions.invoker does not open this generation.
resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = var.invokers

  name     = google_cloudfunctions2_function.this.name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}
