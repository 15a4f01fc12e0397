variable "GO_VERSIONS" {
  default = ["1.21.0", "1.22.0"]
}

target "app" {
  name = "app-${replace(go, ".", "-")}-${variant.name}"
  matrix = {
    go = GO_VERSIONS
    variant = [
      { name = "alpine", base = "alpine:3.20", extra = { debug = "0" } },
      { name = "debian", base = "debian:12.5", extra = { debug = "1" } },
    ]
  }
  args = {
    GO_VERSION = go
    BASE       = "docker.io/${variant.base}"
    DEBUG      = variant.extra.debug
  }
  target = variant.name
  tags   = ["registry.example.com/app:${go}-${variant.name}"]
}

target "user" {
  contexts = { app = "target:app-1-21-0-alpine" }
  tags     = ["registry.example.com/user"]
}

target "large" {
  name = "large-${a}-${b}-${c}-${d}"
  matrix = {
    a = range(10)
    b = range(10)
    c = range(10)
    d = range(10)
  }
}

target "nameless" {
  matrix = { a = ["1", "2"] }
}

target "wrong" {
  matrix = { a = "1" }
}
