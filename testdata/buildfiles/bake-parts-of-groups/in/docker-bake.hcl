group "default" {
  targets = ["web", "site-3"]
}
target "common" {
  args = { YEAR = "2026" }
}
# Its heir has the tags and all that it says: no build.
target "web-common" {
  inherits = ["common"]
  context  = "web"
  args     = { LANGUAGE = "en" }
}
target "web" {
  inherits = ["web-common"]
  args     = { BASE = "registry.example/os:1.0.0" }
  tags     = ["registry.example/web:1.0.0"]
}
target "site-common" {
  context = "web"
}
target "site" {
  inherits = ["site-common"]
  name     = "site-${v}"
  matrix   = { v = ["3", "4"] }
  args     = { BASE = "registry.example/os:${v}" }
  tags     = ["registry.example/site:${v}"]
}
# Its heir replaces a value of it, so somebody may build it by name.
target "dev" {
  context = "web"
  args    = { BASE = "registry.example/os:dev" }
}
target "dev-image" {
  inherits = ["dev"]
  args     = { BASE = "registry.example/os:2.0.0" }
  tags     = ["registry.example/dev:1.0.0"]
}
# Likewise where the heir builds another stage, or has no tags either.
target "test" {
  context = "web"
}
target "test-image" {
  inherits = ["test"]
  target   = "tests"
  tags     = ["registry.example/test:1.0.0"]
}
target "local" {
  context = "web"
}
target "local-again" {
  inherits = ["local"]
  args     = { AGAIN = "1" }
}
target "local-image" {
  inherits = ["local"]
  tags     = ["registry.example/local:1.0.0"]
}
# A context of its heir is another, so it builds something else.
target "kit" {
  context  = "web"
  contexts = { src = "web" }
}
target "kit-image" {
  inherits = ["kit"]
  contexts = { src = "." }
  tags     = ["registry.example/kit:1.0.0"]
}
# A part of a part: the heir with the tags is what is built.
target "deep" {
  context = "web"
}
target "deeper" {
  inherits = ["deep"]
  args     = { BASE = "registry.example/os:1.0.0" }
}
target "deepest" {
  inherits = ["deeper"]
  tags     = ["registry.example/deep:1.0.0"]
}
