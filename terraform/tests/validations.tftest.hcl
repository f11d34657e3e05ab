# Every variable refuses what a deployment could not live with, before anything is made. Each run gives as many variables as do not
# hide each other something wrong, to a module that has the variables alone: a plan of everything takes its time.

variables {
  project_id = "demo-project-1"
}

run "first_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    project_id             = "My-Project"     # capitals
    region                 = "europe-west1-b" # a zone
    firestore_location     = "germany"
    prefix                 = "reelgate-staging" # too long
    labels                 = { Team = "media" }
    cors_origins           = ["https://videos.example.com/"] # a slash at the end
    soft_delete_days       = 3
    backup_days            = 365
    front_door             = "window"
    api_url                = "http://api.example.com"
    load_balancer_invokers = ["everybody"]
    requests_per_minute    = 0
    audit_days_in_bigquery = 0
    alert_emails           = ["operations"]
    alert_levels           = { latency_ms = 0 }
    budget                 = { billing_account = "mine", amount = 10 }
    identity               = "none"
    signer                 = "rsa"
    mail                   = { host = "smtp.example.com", from = "videos" } # no address
  }

  expect_failures = [
    var.project_id, var.region, var.firestore_location, var.prefix, var.labels, var.cors_origins, var.soft_delete_days, var.backup_days, var.front_door, var.api_url, var.load_balancer_invokers, var.requests_per_minute, var.audit_days_in_bigquery, var.alert_emails, var.alert_levels, var.budget, var.identity, var.signer, var.mail,
  ]
}

run "second_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    project_id       = "abc" # too short
    region           = "eu"  # a multi-region
    prefix           = "google"
    cors_origins     = ["http://videos.example.com"] # no https
    front_door       = "load_balancer"
    budget           = { billing_account = "012345-6789AB-CDEF01", amount = 0 }
    rules            = { form_upload_max_bytes = 33554432 } # more than Cloud Run takes
    identity         = "foreign"
    signer           = "hmac"
    mail             = { host = "smtp.example.com", from = "videos@example.com", user = "reelgate" }
    webhooks_version = "1"
  }

  expect_failures = [
    var.project_id, var.region, var.prefix, var.cors_origins, var.domain, var.budget, var.rules, var.jwt_issuers, var.hmac_access_ids, var.smtp_password, var.webhooks,
  ]
}

run "third_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    cors_origins     = ["*"]
    front_door       = "load_balancer"
    domain           = "https://api.example.com" # a URL
    rules            = { alert_thresholds = [80, 101] }
    jwt_issuers      = [{ issuer = "https://i.example.com", audience = "reelgate", jwks_url = "http://i.example.com/keys" }] # no https
    signer           = "hmac"
    hmac_access_ids  = { upload = { access_id = "G1", version = "latest" }, read = { access_id = "G2", version = "1" } } # no number
    mail             = { host = "smtp.example.com", from = "videos@example.com", security = "none" }                     # in clear text
    webhooks_version = "1"
    webhooks         = "main" # no JSON
  }

  expect_failures = [
    var.cors_origins, var.domain, var.rules, var.jwt_issuers, var.hmac_access_ids, var.mail, var.webhooks,
  ]
}

run "fourth_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    jwt_issuers = [{ issuer = "https://i.example.com", audience = "reelgate" }] # no keys
    region      = "europe-west9"                                                # API Gateway is not there
    rules       = { storage_limit_bytes = -1 }
  }

  expect_failures = [
    var.jwt_issuers, var.gateway_region, var.rules,
  ]
}

run "fifth_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    sizes        = { uplod = { memory = "1Gi" } } # no such function
    rules        = { upload_roles = ["root"] }
    alert_emails = [for number in range(17) : "operations-${number}@example.com"]
  }

  expect_failures = [
    var.sizes, var.rules, var.alert_emails,
  ]
}

run "sixth_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rules = { registration = "maybe" }
  }

  expect_failures = [
    var.rules,
  ]
}

run "seventh_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rules = { audio = "sometimes" }
  }

  expect_failures = [
    var.rules,
  ]
}

run "eighth_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rules = { anonymous_users = "sometimes" }
  }

  expect_failures = [
    var.rules,
  ]
}

run "ninth_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rules = { stream_url_seconds = 21601 } # IAM's key is good for 12 hours, and a URL works for up to twice as long as this
  }

  expect_failures = [
    var.rules,
  ]
}

run "tenth_round" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rules           = { stream_url_seconds = 43201 }
    signer          = "hmac"
    hmac_access_ids = { upload = { access_id = "G1", version = "1" }, read = { access_id = "G2", version = "1" } }
  }

  expect_failures = [
    var.rules,
  ]
}
