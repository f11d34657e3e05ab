# The front door with a domain, Cloud Armor and no limit on the answer's length: an HTTPS load balancer before the functions.

locals {
  # What the load balancer matches, by function. Paths without parameters come first: `/v1/uploads/check` is no id of an upload.
  load_balancer_routes = flatten([
    for order, kind in ["full", "template"] : [
      for number, name in sort(local.http_functions) : {
        priority  = order * 100 + number + 1
        function  = name
        full      = [for path in local.load_balancer_paths[name] : path if kind == "full" && !strcontains(path, "{")]
        templates = [for path in local.load_balancer_paths[name] : path if kind == "template" && strcontains(path, "{")]
      }
    ]
  ])
  load_balancer_paths = {
    for name in local.http_functions : name => sort([for path, functions in local.path_functions : path if contains(functions, name)])
  }
  balanced = local.behind_load_balancer ? local.http_functions : toset([])
}

resource "google_compute_global_address" "front" {
  count = local.behind_load_balancer ? 1 : 0

  name       = "${var.prefix}-front"
  depends_on = [time_sleep.apis]
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.balanced

  name                  = local.function_names[each.key]
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = module.function[each.key].name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.balanced

  name                  = local.function_names[each.key]
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.front[0].id

  backend {
    group          = google_compute_region_network_endpoint_group.function[each.key].id
    balancing_mode = "UTILIZATION" # the default, and without meaning for functions
  }

  log_config {
    enable      = true
    sample_rate = 1
  }
}

# Cloud Armor: the maximum request rate per address, and a lower one for logins.
resource "google_compute_security_policy" "front" {
  #checkov:skip=CKV_GCP_73:no Java and no Log4j behind it; the rule would be billed every month
  count = local.behind_load_balancer ? 1 : 0

  name        = "${var.prefix}-front"
  description = "Rate limits before Reelgate"

  rule {
    description = "logins and registrations of one address"
    action      = "throttle"
    priority    = 1000

    match {
      expr {
        expression = "request.path.matches('^/(login|register|v1/auth/)')"
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = 30
        interval_sec = 60
      }
    }
  }

  rule {
    description = "everything else of one address"
    action      = "throttle"
    priority    = 2000

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule { # must be there
    description = "default"
    action      = "allow"
    priority    = 2147483647

    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_url_map" "front" {
  count = local.behind_load_balancer ? 1 : 0

  name            = "${var.prefix}-front"
  default_service = google_compute_backend_service.function["usage"].id # answers unknown paths with the API's own 404

  host_rule {
    hosts        = [var.domain]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.function["usage"].id

    dynamic "route_rules" {
      for_each = [for route in local.load_balancer_routes : route if length(route.full) + length(route.templates) > 0]
      content {
        priority = route_rules.value.priority
        service  = google_compute_backend_service.function[route_rules.value.function].id

        dynamic "match_rules" {
          for_each = route_rules.value.full
          content {
            full_path_match = match_rules.value
          }
        }

        dynamic "match_rules" {
          for_each = route_rules.value.templates
          content {
            path_template_match = match_rules.value
          }
        }
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "front" {
  count = local.behind_load_balancer ? 1 : 0

  name = "${var.prefix}-front-${substr(md5(var.domain), 0, 6)}"

  managed {
    domains = [var.domain]
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_ssl_policy" "front" {
  count = local.behind_load_balancer ? 1 : 0

  name            = "${var.prefix}-front"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
  depends_on      = [time_sleep.apis]
}

resource "google_compute_target_https_proxy" "front" {
  count = local.behind_load_balancer ? 1 : 0

  name             = "${var.prefix}-front"
  url_map          = google_compute_url_map.front[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.front[0].id]
  ssl_policy       = google_compute_ssl_policy.front[0].id
}

resource "google_compute_global_forwarding_rule" "front" {
  count = local.behind_load_balancer ? 1 : 0

  name                  = "${var.prefix}-front"
  target                = google_compute_target_https_proxy.front[0].id
  ip_address            = google_compute_global_address.front[0].id
  port_range            = "443"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
