locals {
  repository_root = abspath("${path.module}/..")
  labels          = merge({ app = "reelgate" }, var.labels)

  has_directory        = var.identity == "identity_platform"
  behind_load_balancer = var.front_door == "load_balancer"
  openapi              = yamldecode(file("${local.repository_root}/openapi.yaml"))
  methods              = ["get", "put", "post", "patch", "delete", "head"]

  # Without the console, its page and files are addresses like any other unknown one.
  paths = {
    for path, item in local.openapi.paths : path => item if var.console || try(item.get["x-reelgate-function"], "") != "console"
  }

  # The functions that people call: those that openapi.yaml names.
  http_functions = toset(flatten([
    for path, item in local.paths : [
      for method, operation in item : operation["x-reelgate-function"] if contains(local.methods, method)
    ]
  ]))

  buckets = { # names are global
    media      = "${var.project_id}-${var.prefix}-media"
    derived    = "${var.project_id}-${var.prefix}-derived"
    source     = "${var.project_id}-${var.prefix}-source"
    usage_logs = "${var.project_id}-${var.prefix}-usage-logs"
  }
}
