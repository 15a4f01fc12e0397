variable "ALPINE" { default = "3.20.1" }

target "base" {
  context = "../base"
  tags    = ["registry.example.com/team/base:1.4", "ghcr.io/team/base:1.4"]
}

target "untagged" {}

target "app" {
  contexts = {
    base    = "target:base"
    other   = "target:untagged"
    alpine  = "docker-image://alpine:${ALPINE}"
    pinned  = "docker-image://debian:12.5@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    src     = "../src"
    git     = "https://github.com/example/project.git#v1.0"
    unknown = "docker-image://alpine:${TAG}"
  }
  tags = ["registry.example.com/app"]
}

variable "TAG" {}
