# Buckets. Videos and what is made from them are private: only signed URLs open them.

locals {
  chunk_folder = "__parts__/" # FOLDER in reelgate/domain/files/part_names.py; a test compares

  # Headers that scripts may send and read: what resumable uploads and players with ranges need, and what monitoring adds to a page's
  # requests without asking it (TRACING_HEADERS in reelgate/web/http/answers/cors.py). The local cloud has the same; a test compares.
  cors = {
    media = {
      methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
      headers = [
        "Content-Type", "Content-Range", "Content-Disposition", "Location", "Range", "ETag", "x-goog-resumable",
        "x-goog-generation", "x-goog-hash", "x-goog-if-generation-match", "x-goog-content-length-range",
        "x-goog-meta-upload-id", "X-Upload-Content-Length",
      ]
    }
    derived = {
      methods = ["GET", "HEAD"]
      headers = ["Content-Type", "Content-Range", "Content-Disposition", "Range", "ETag"]
    }
  }
  tracing_headers = [
    "traceparent", "tracestate", "baggage", "sentry-trace",
    "b3", "X-B3-TraceId", "X-B3-SpanId", "X-B3-ParentSpanId", "X-B3-Sampled", "X-B3-Flags",
    "X-Cloud-Trace-Context", "X-Amzn-Trace-Id",
    "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority", "x-datadog-tags",
    "newrelic", "elastic-apm-traceparent", "uber-trace-id", "Request-Id", "Request-Context",
  ]
  # The console sends to the bucket as pages of other sites do, from the API's own origin.
  console_origins = var.console && local.api_url != null ? [regex("^https://[^/?#]+", local.api_url)] : []
  bucket_origins  = distinct(concat(var.cors_origins, local.console_origins))
  cors_origins    = length(local.bucket_origins) == 0 ? [] : [local.bucket_origins] # no block at all rather than an empty one
}

resource "google_storage_bucket" "media" {
  #checkov:skip=CKV_GCP_78:names are never written twice, and soft delete brings back what was removed; both would be paid for twice
  name                        = local.buckets.media
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.force_destroy
  deletion_policy             = var.deletion_protection ? "PREVENT" : "DELETE"

  dynamic "cors" {
    for_each = local.cors_origins
    content {
      origin          = cors.value
      method          = local.cors.media.methods
      response_header = concat(local.cors.media.headers, local.tracing_headers)
      max_age_seconds = 3600
    }
  }

  # Chunks are removed when their upload ends, by the sweep at the latest; this is for what arrives after both. Uploads live
  # for a week at most (REELGATE_UPLOAD_EXPIRY_SECONDS).
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 8
      matches_prefix = [local.chunk_folder]
    }
  }

  # Placeholders keep the names of closed uploads until no session can write there any more: they live for a week, and a URL opens
  # them for half a day at most. Nothing else has a custom time, because no URL signs its header.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_custom_time = 8
    }
  }

  # Reelgate opens no multipart uploads; who has a key to the bucket may. Resumable sessions end by themselves after a week.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 8
    }
  }

  # An operator's mistake can be undone for this long. Users have the trash, which is something else. Removed chunks are kept
  # as long, and billed: 0 where most uploads come in chunks and the trash is enough.
  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 86400
  }

  dynamic "logging" {
    for_each = var.usage_logs ? [local.buckets.usage_logs] : []
    content {
      log_bucket        = logging.value
      log_object_prefix = "media"
    }
  }

  depends_on = [time_sleep.apis, google_storage_bucket_iam_member.usage_logs_writer]
}

# MP3s, posters and exports of usage: made from videos and books, and again if need be.
resource "google_storage_bucket" "derived" {
  #checkov:skip=CKV_GCP_78:what is lost is made again
  name                        = local.buckets.derived
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = var.force_destroy

  # The watch page and players on other sites read segments by scripts, and which sites may play a video is up to its grants. A
  # signed URL is what opens an object, so the bucket need not know who asks.
  cors {
    origin          = ["*"]
    method          = local.cors.derived.methods
    response_header = concat(local.cors.derived.headers, local.tracing_headers)
    max_age_seconds = 3600
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 8
    }
  }

  # The sweep removes exports of usage after seven days; this removes what it could not know of.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 8
      matches_prefix = ["exports/"]
    }
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  dynamic "logging" {
    for_each = var.usage_logs ? [local.buckets.usage_logs] : []
    content {
      log_bucket        = logging.value
      log_object_prefix = "derived"
    }
  }

  depends_on = [time_sleep.apis, google_storage_bucket_iam_member.usage_logs_writer]
}

resource "google_storage_bucket" "source" {
  #checkov:skip=CKV_GCP_78:objects are named by their content, and a commit makes them again
  #checkov:skip=CKV_GCP_62:read by the builds of this project alone, which Cloud Audit Logs can record
  name                        = local.buckets.source
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # zips that the next apply makes again

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [time_sleep.apis]
}

# Usage logs hold the query of signed URLs, which opens a video until it expires, and clients' addresses: they are as private as the
# videos. Only `settle_egress` reads them.
resource "google_storage_bucket" "usage_logs" {
  #checkov:skip=CKV_GCP_78:logs are written once and expire
  #checkov:skip=CKV_GCP_62:a log of reading logs in the same bucket would never end
  count = var.usage_logs ? 1 : 0

  name                        = local.buckets.usage_logs
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 7 # settled after a day at most; what is kept of them has neither URLs nor addresses
    }
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [time_sleep.apis]
}

# Cloud Storage writes usage logs as this group (Cloud Storage docs, "Usage logs & storage logs").
resource "google_storage_bucket_iam_member" "usage_logs_writer" {
  count = var.usage_logs ? 1 : 0

  bucket = google_storage_bucket.usage_logs[0].name
  role   = "roles/storage.objectCreator"
  member = "group:cloud-storage-analytics@google.com"
}
