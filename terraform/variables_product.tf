# The rules of the product, its users, how URLs are signed, and its notifications. docs/configuration.md explains the settings.

variable "rules" {
  description = "Rules of the product by the names of docs/configuration.md without REELGATE_, in lower case; omitted ones have the default there. Sizes are bytes."
  type = object({
    # limits
    storage_limit_bytes       = optional(number)
    daily_limit_bytes         = optional(number)
    alert_thresholds          = optional(list(number))
    day_time_zone             = optional(string)
    max_file_bytes            = optional(number)
    form_upload_max_bytes     = optional(number)
    forms_per_user            = optional(number)
    form_min_bytes_per_second = optional(number)
    content_types             = optional(list(string))
    chunked_content_types     = optional(list(string))
    upload_roles              = optional(list(string))
    upload_url_seconds        = optional(number)
    upload_expiry_seconds     = optional(number)
    part_url_seconds          = optional(number)
    upload_sessions           = optional(string)
    stream_url_seconds        = optional(number)
    playback_lease_seconds    = optional(number)
    trash_days                = optional(number)
    trash_limit_percent       = optional(number)
    max_open_uploads          = optional(number)
    rejected_uploads_per_day  = optional(number)
    # accounts
    anonymous_users                = optional(string)
    registration                   = optional(string)
    password_min_length            = optional(number)
    login_max_failures             = optional(number)
    login_max_failures_per_account = optional(number)
    login_max_failures_per_address = optional(number)
    registrations_per_address      = optional(number)
    attempts_without_address       = optional(number)
    attempts_window_seconds        = optional(number)
    proxies_in_front               = optional(number)
    # requests per minute
    read_requests_per_minute   = optional(number)
    write_requests_per_minute  = optional(number)
    url_requests_per_minute    = optional(number)
    admin_requests_per_minute  = optional(number)
    play_requests_per_minute   = optional(number)
    public_requests_per_minute = optional(number)
    # conversion
    audio                    = optional(string)
    hls                      = optional(string)
    hls_renditions           = optional(string)
    hls_encoder              = optional(string)
    convert_max_seconds      = optional(number)
    convert_attempts         = optional(number)
    convert_deadline_seconds = optional(number)
    convert_day_seconds      = optional(number)
    convert_runs_per_user    = optional(number)
    audio_max_percent        = optional(number)
    audio_floor_bytes        = optional(number)
    poster_max_bytes         = optional(number)
    derived_limit_percent    = optional(number)
    # mails and webhooks
    product_name         = optional(string)
    delivery_attempts    = optional(number)
    mails_per_day        = optional(number)
    unverified_addresses = optional(string)
    # audit log
    audit_days = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["client_or_server", "server"], coalesce(var.rules.upload_sessions, "server"))
    error_message = "rules.upload_sessions is client_or_server or server."
  }

  # What a function would refuse to start with; here before anything is changed.
  validation {
    condition = alltrue([
      for name, most in {
        form_upload_max_bytes  = 32505856, forms_per_user = 4, form_min_bytes_per_second = 1048576, upload_url_seconds = 43200, upload_expiry_seconds = 604800, stream_url_seconds = 43200,
        playback_lease_seconds = 3600,
        max_open_uploads       = 400, rejected_uploads_per_day = 1000000, part_url_seconds = 3600, attempts_window_seconds = 86400, convert_attempts = 10, convert_deadline_seconds = 560,
        convert_max_seconds    = 86400, delivery_attempts = 50, mails_per_day = 1000, convert_runs_per_user = 100, audio_max_percent = 10000,
      } : try(var.rules[name] >= 1 && var.rules[name] <= most, var.rules[name] == null)
    ])
    error_message = "A rule is out of its bounds: docs/configuration.md has them."
  }

  validation {
    condition = alltrue([
      for group in ["read", "write", "url", "admin", "play", "public"] :
      try(var.rules["${group}_requests_per_minute"] >= 1 && var.rules["${group}_requests_per_minute"] <= 1000000, var.rules["${group}_requests_per_minute"] == null)
    ])
    error_message = "Rates of requests are 1 to 1000000 a minute."
  }

  validation {
    condition     = var.signer != "iam" || coalesce(var.rules.stream_url_seconds, 3600) <= 21600
    error_message = "With signer = iam, rules.stream_url_seconds can be at most 21600: a URL works for up to twice as long, and IAM's key for 12 hours."
  }

  validation {
    condition = alltrue([
      for name in ["storage_limit_bytes", "daily_limit_bytes", "max_file_bytes", "trash_days", "audio_floor_bytes"] :
      try(var.rules[name] >= (contains(["max_file_bytes", "audio_floor_bytes"], name) ? 1 : 0), var.rules[name] == null)
    ])
    error_message = "Limits are 0 or more, and a file has 1 byte at least."
  }

  validation {
    condition = (
      coalesce(var.rules.convert_day_seconds, 3600) >= coalesce(var.rules.convert_deadline_seconds, 540) &&
      coalesce(var.rules.poster_max_bytes, 262144) >= 16384 && coalesce(var.rules.poster_max_bytes, 262144) <= 1048576 &&
      coalesce(var.rules.derived_limit_percent, 100) >= 0 && coalesce(var.rules.derived_limit_percent, 100) <= 10000
    )
    error_message = "rules.convert_day_seconds must be at least rules.convert_deadline_seconds, poster_max_bytes 16384 to 1048576, derived_limit_percent 0 to 10000."
  }

  validation {
    condition     = try(var.rules.trash_limit_percent >= 100 && var.rules.trash_limit_percent <= 10000, var.rules.trash_limit_percent == null)
    error_message = "rules.trash_limit_percent must be from 100 to 10000."
  }

  validation {
    condition     = try(alltrue([for percent in var.rules.alert_thresholds : percent >= 1 && percent <= 100]), var.rules.alert_thresholds == null)
    error_message = "rules.alert_thresholds must be percentages from 1 to 100."
  }

  validation {
    condition     = try(length(var.rules.upload_roles) > 0 && length(setsubtract(var.rules.upload_roles, ["user", "admin"])) == 0, var.rules.upload_roles == null)
    error_message = "rules.upload_roles must be user, admin or both."
  }

  validation {
    condition     = contains(["none", "240p", "480p", "240p,480p"], coalesce(var.rules.hls_renditions, "none"))
    error_message = "rules.hls_renditions is none, 240p, 480p, or 240p,480p."
  }

  validation {
    condition     = contains(["open", "closed"], coalesce(var.rules.registration, "open")) && contains(["automatic", "on_request"], coalesce(var.rules.audio, "automatic")) && contains(["automatic", "on_request", "off"], coalesce(var.rules.hls, "automatic"))
    error_message = "rules.registration must be open or closed, rules.audio automatic or on_request, rules.hls automatic, on_request or off."
  }

  validation {
    condition     = contains(["refuse", "allow"], coalesce(var.rules.anonymous_users, "refuse"))
    error_message = "rules.anonymous_users must be refuse or allow."
  }

  validation {
    condition     = contains(["withhold", "mail"], coalesce(var.rules.unverified_addresses, "withhold"))
    error_message = "rules.unverified_addresses must be withhold or mail."
  }
}

# --- Identity ---

variable "identity" {
  description = "identity_platform: this project has its own users, who register and log in here. foreign: only tokens of jwt_issuers are accepted."
  type        = string
  default     = "identity_platform"
  nullable    = false

  validation {
    condition     = contains(["identity_platform", "foreign"], var.identity)
    error_message = "identity must be identity_platform or foreign."
  }
}

variable "jwt_issuers" {
  description = "Other trusted token issuers, as described in docs/identity.md: either firebase_project alone, or issuer, audience and one of jwks_url and public_key (PEM; no secret)."
  type = list(object({
    firebase_project   = optional(string)
    issuer             = optional(string)
    audience           = optional(string)
    jwks_url           = optional(string)
    public_key         = optional(string)
    algorithms         = optional(list(string))
    role_claim         = optional(string)
    subject_prefix     = optional(string)
    leeway_seconds     = optional(number)
    require_auth_time  = optional(bool)
    verified_addresses = optional(bool)
  }))
  default  = []
  nullable = false

  validation {
    condition     = var.identity != "foreign" || length(var.jwt_issuers) > 0
    error_message = "identity = foreign needs at least one issuer in jwt_issuers."
  }

  validation {
    condition = alltrue([
      for one in var.jwt_issuers : one.firebase_project != null || (
        one.issuer != null && one.audience != null && (one.jwks_url == null) != (one.public_key == null)
      )
    ])
    error_message = "An issuer needs firebase_project, or issuer, audience and exactly one of jwks_url and public_key."
  }

  validation {
    condition     = alltrue([for one in var.jwt_issuers : one.jwks_url == null || can(regex("^https://", one.jwks_url))])
    error_message = "jwks_url must begin with https://."
  }
}

# --- Signing ---

variable "signer" {
  description = "iam: keyless, Google signs (the default). hmac: keys made by a command, many times faster (README, \"Sign faster\")."
  type        = string
  default     = "iam"
  nullable    = false

  validation {
    condition     = contains(["iam", "hmac"], var.signer)
    error_message = "signer must be iam or hmac."
  }
}

variable "hmac_access_ids" {
  description = "Access ids of the HMAC keys whose secrets the command has stored in Secret Manager, with the secrets' versions."
  type = object({
    upload = object({ access_id = string, version = string })
    read   = object({ access_id = string, version = string })
  })
  default = null

  validation {
    condition     = var.signer != "hmac" || var.hmac_access_ids != null
    error_message = "signer = hmac needs hmac_access_ids: run the command in the README first; it prints them."
  }

  validation {
    condition     = try(alltrue([for key in values(var.hmac_access_ids) : can(regex("^[1-9][0-9]*$", key.version))]), var.hmac_access_ids == null)
    error_message = "A version in hmac_access_ids is a number: with \"latest\" no instance would notice a new key."
  }
}

# --- Mails and webhooks ---

variable "mail" {
  description = "The SMTP server that mails go through; null sends none. security: starttls or tls. audio_page: the page of your own site to which mails about MP3s lead, with {video_id} in it. Raise password_version to send a new smtp_password."
  type = object({
    host             = string
    port             = optional(number)
    security         = optional(string)
    user             = optional(string)
    from             = string
    unsubscribe      = optional(string)
    audio_page       = optional(string)
    password_version = optional(string, "1")
  })
  default = null

  validation {
    condition     = var.mail == null || can(regex("^[^@<>]*<?[^@<> ]+@[^@<> ]+>?$", var.mail.from))
    error_message = "mail.from must hold an e-mail address."
  }

  validation {
    condition     = contains(["starttls", "tls"], coalesce(try(var.mail.security, null), "starttls"))
    error_message = "mail.security must be starttls or tls."
  }

  validation {
    condition     = can(regex("^https://[^ <>\"]*[{]video_id[}][^ <>\"]*$", coalesce(try(var.mail.audio_page, null), "https://{video_id}")))
    error_message = "mail.audio_page must be a URL such as https://films.example/videos/{video_id}."
  }
}

variable "smtp_password" {
  description = "Password for mail.user, in every apply (TF_VAR_smtp_password); it is sent when mail.password_version changes. Never stored by Terraform."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = try(var.mail.user, null) == null || var.smtp_password != null
    error_message = "mail.user needs smtp_password: set TF_VAR_smtp_password."
  }
}

variable "webhooks" {
  description = "JSON list of webhook endpoints with their secrets (docs/notifications.md), in every apply (TF_VAR_webhooks); it is sent when webhooks_version changes. Never stored by Terraform."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.webhooks_version == null || can(jsondecode(var.webhooks))
    error_message = "webhooks_version needs webhooks, a JSON list: set TF_VAR_webhooks."
  }
}

variable "webhooks_version" {
  description = "Raise it to send a new value of webhooks; null: no webhooks."
  type        = string
  default     = null
}
