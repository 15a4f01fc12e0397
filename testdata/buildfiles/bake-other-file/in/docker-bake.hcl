target "app" {
  inherits = ["_common"]
  args     = { GO = GO_VERSION, TWICE = TWICE }
  tags     = [tag("app")]
  contexts = { base = "target:base" }
}
