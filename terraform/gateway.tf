# The front door without a domain of its own: API Gateway, free while idle. Its document is made from the project's openapi.yaml.

locals {
  # Path => method => what the gateway must know: where it goes and which parts of the path are parameters. It judges neither
  # tokens nor bodies: the functions do, by the same rules behind every front door.
  gateway_paths = {
    for path, item in local.paths : path => merge(
      { # HEAD goes where GET goes, unless the document has one of its own
        for method, operation in item : "head" => {
          operationId      = "head_${operation.operationId}"
          x-google-backend = local.gateway_backends[operation["x-reelgate-function"]]
          parameters       = local.gateway_parameters[path]
          responses        = { default = { description = "as the function answers" } }
        } if method == "get"
      },
      {
        for method, operation in item : method => {
          operationId      = operation.operationId
          x-google-backend = local.gateway_backends[operation["x-reelgate-function"]]
          parameters       = local.gateway_parameters[path]
          responses        = { default = { description = "as the function answers" } }
        } if contains(local.methods, method)
      },
      { # browsers ask before they send; the function of the path answers by REELGATE_CORS_ORIGINS
        options = {
          operationId      = "cors_${md5(path)}"
          x-google-backend = local.gateway_backends[one(local.path_functions[path])]
          parameters       = local.gateway_parameters[path]
          responses        = { default = { description = "what is allowed" } }
        }
      },
    )
  }

  # One function per path, or `one` above fails: a preflight could not know whom to ask.
  path_functions = {
    for path, item in local.paths :
    path => distinct([for method, operation in item : operation["x-reelgate-function"] if contains(local.methods, method)])
  }

  gateway_parameters = {
    for path in keys(local.paths) : path => [
      for name in flatten(regexall("\\{(\\w+)\\}", path)) : { name = name, in = "path", required = true, type = "string" }
    ]
  }

  gateway_backends = {
    for name in local.http_functions : name => {
      address          = local.service_urls[name]
      jwt_audience     = local.service_urls[name]
      path_translation = "APPEND_PATH_TO_ADDRESS"
      protocol         = "h2"
      deadline         = local.deployed[name].size.timeout # 15 seconds if nothing is said
    }
  }

  gateway_document = yamlencode({
    swagger  = "2.0"
    info     = { title = local.openapi.info.title, version = local.openapi.info.version }
    schemes  = ["https"]
    produces = ["application/json"]
    paths    = local.gateway_paths
  })
}

resource "google_api_gateway_api" "this" {
  count    = local.behind_load_balancer ? 0 : 1
  provider = google-beta

  api_id     = var.prefix
  depends_on = [time_sleep.apis]
}

resource "google_api_gateway_api_config" "this" {
  count    = local.behind_load_balancer ? 0 : 1
  provider = google-beta

  api           = google_api_gateway_api.this[0].api_id
  api_config_id = "${var.prefix}-${substr(md5(local.gateway_document), 0, 12)}" # configs cannot be changed, only replaced

  openapi_documents {
    document {
      path     = "openapi.yaml"
      contents = base64encode(local.gateway_document)
    }
  }

  gateway_config {
    backend_config {
      google_service_account = google_service_account.caller["gateway"].email
    }
  }

  lifecycle {
    create_before_destroy = true # the gateway moves to the new one before the old one goes
  }

  depends_on = [module.function, google_project_iam_member.apigateway_agent]
}

resource "google_api_gateway_gateway" "this" {
  count    = local.behind_load_balancer ? 0 : 1
  provider = google-beta

  gateway_id = var.prefix
  region     = coalesce(var.gateway_region, var.region)
  api_config = google_api_gateway_api_config.this[0].id
}
