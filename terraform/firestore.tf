# The books, and the records of derived media. Indexes, exemptions and times to live are those of firestore.indexes.json, which the
# tests compare with the code.

locals {
  firestore = jsondecode(file("${local.repository_root}/firestore.indexes.json"))

  composite_indexes = {
    for index in local.firestore.indexes :
    join("/", concat([index.collectionGroup, index.queryScope], [for field in index.fields : "${field.fieldPath} ${try(field.order, field.arrayConfig)}"])) => index
  }
  # In the database that each collection is in. Tombstones of erased users are in both.
  field_overrides = merge(
    {
      for field in local.firestore.fieldOverrides : "${field.collectionGroup}/${field.fieldPath}" =>
      merge(field, { database = field.collectionGroup == "media" ? google_firestore_database.media.name : google_firestore_database.books.name })
    },
    {
      for field in local.firestore.fieldOverrides : "media:${field.collectionGroup}/${field.fieldPath}" =>
      merge(field, { database = google_firestore_database.media.name }) if field.collectionGroup == "erased"
    },
  )
}

# "(default)" because that is the database of the free tier and the one that clients take.
resource "google_firestore_database" "books" {
  name                              = "(default)"
  location_id                       = coalesce(var.firestore_location, var.region)
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = var.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  # Not the provider's default, ABANDON: a database that is left behind makes the next apply fail with "already exists".
  deletion_policy = var.deletion_protection ? "PREVENT" : "DELETE"

  depends_on = [time_sleep.apis]
}

# A database of its own, because rights exist for whole databases only: it is all that `convert` may write, which opens files of
# strangers (docs/adr/0036-confined-decoder.md).
resource "google_firestore_database" "media" {
  name                              = "${var.prefix}-media"
  location_id                       = google_firestore_database.books.location_id
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = google_firestore_database.books.point_in_time_recovery_enablement
  delete_protection_state           = google_firestore_database.books.delete_protection_state
  deletion_policy                   = google_firestore_database.books.deletion_policy

  depends_on = [time_sleep.apis]
}

resource "google_firestore_backup_schedule" "media" {
  count = var.backup_days == 0 ? 0 : 1

  database  = google_firestore_database.media.name
  retention = "${var.backup_days * 86400}s"

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "daily" {
  count = var.backup_days == 0 ? 0 : 1

  database  = google_firestore_database.books.name
  retention = "${var.backup_days * 86400}s"

  daily_recurrence {}
}

# Users hold tokens of this project's Identity Platform, and Firestore's API takes those too: it asks these rules what they open.
resource "google_firebaserules_ruleset" "books" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  lifecycle {
    create_before_destroy = true # one that a release names cannot be deleted
  }

  depends_on = [time_sleep.apis]
}

resource "google_firebaserules_release" "books" {
  name = "cloud.firestore" # what Firestore asks for its default database
  # Some versions of the provider give a ruleset's name in full, some without what stands before it.
  ruleset_name = "projects/${var.project_id}/rulesets/${basename(google_firebaserules_ruleset.books.name)}"

  depends_on = [google_firestore_database.books]
}

resource "google_firebaserules_release" "media" {
  name         = "cloud.firestore/${google_firestore_database.media.name}" # what Firestore asks for any other database
  ruleset_name = google_firebaserules_release.books.ruleset_name
}

resource "google_firestore_index" "composite" {
  for_each = local.composite_indexes

  database    = each.value.collectionGroup == "media" ? google_firestore_database.media.name : google_firestore_database.books.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }

  lifecycle {
    create_before_destroy = true # functions wait for new ones; old ones are removed when no function uses them
  }
}

# Single-field indexes that queries need and Firestore does not make by itself, or makes more of than is asked for. Functions wait
# for these.
resource "google_firestore_field" "indexed" {
  for_each = { for key, field in local.field_overrides : key => field if length(field.indexes) > 0 }

  database        = each.value.database
  collection      = each.value.collectionGroup
  field           = each.value.fieldPath
  deletion_policy = "ABANDON"

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
        query_scope  = indexes.value.queryScope
      }
    }
  }

  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [1] : []
    content {}
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_firestore_index.composite]
}

# A field that no query needs costs a write for every index entry, and a growing one is a hot spot: exempt them all. There are more
# than a hundred, and Firestore refuses some if too many arrive at once (409, "contention"). So they come after what functions need,
# and nothing waits until Firestore has applied them.
#
# Both kinds are abandoned, not taken back: at a destroy the database goes as a whole, and taking back each by itself would take
# longer than all the rest. What leaves firestore.indexes.json therefore stays in a database as it is. To have Firestore index a
# field again, or to end a time to live, change its entry; removing it does nothing.
resource "google_firestore_field" "override" {
  for_each = { for key, field in local.field_overrides : key => field if length(field.indexes) == 0 }

  database        = each.value.database
  collection      = each.value.collectionGroup
  field           = each.value.fieldPath
  skip_wait       = true
  deletion_policy = "ABANDON"

  index_config {}

  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [1] : []
    content {}
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [google_firestore_field.indexed]
}

# Until 2026-11 all overrides were one resource.
moved {
  from = google_firestore_field.override["users/today.date"]
  to   = google_firestore_field.indexed["users/today.date"]
}

moved {
  from = google_firestore_field.override["videos/uploaded_at"]
  to   = google_firestore_field.indexed["videos/uploaded_at"]
}

moved {
  from = google_firestore_field.override["trash/deleted_at"]
  to   = google_firestore_field.indexed["trash/deleted_at"]
}

moved {
  from = google_firestore_field.override["trash/purge_at"]
  to   = google_firestore_field.indexed["trash/purge_at"]
}

moved {
  from = google_firestore_field.override["entries/sequence"]
  to   = google_firestore_field.indexed["entries/sequence"]
}

moved {
  from = google_firestore_field.override["deliveries/created_at"]
  to   = google_firestore_field.indexed["deliveries/created_at"]
}

moved {
  from = google_firestore_field.override["outbox/written_at"]
  to   = google_firestore_field.indexed["outbox/written_at"]
}
