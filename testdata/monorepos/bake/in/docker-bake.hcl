variable "REGISTRY" { default = "registry.example/team" }
variable "BASE" { default = "1.0.0" }
variable "GPU"  { default = "2.3.9" }

group "default" { targets = ["gpu", "train", "serve"] }

target "common" {
  args = { BASE_VERSION = "${BASE}" }
}

target "gpu" {
  inherits   = ["common"]
  context    = "gpu"
  tags       = ["${REGISTRY}/base-gpu:${GPU}", "${REGISTRY}/base-gpu:latest"]
}

target "train" {
  context  = "train"
  contexts = { gpu = "target:gpu" }
}

target "serve" {
  context  = "serve"
  contexts = { base = "docker-image://registry.example/team/base:1.0.0" }
}
