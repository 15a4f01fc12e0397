variable "REGISTRY" {
  default = "registry.example.com"
}

variable "VERSION" {
  default = "1.0.0"
}

variable "FULL" {
  default = "${VERSION}-alpine3.20"
}

variable "NODE" {
  type    = number
  default = 20
}

variable "EXTRA" {
  type    = list(string)
  default = ["3.1", "3.2"]
}

variable "NOTHING" {
  default = null
}

variable "BY_NAME" {
  default = {
    go   = "1.22.3"
    node = "20.11"
  }
}

variable "HEREDOC" {
  default = <<-EOT
    2.7.1
  EOT
}

IMAGE = "${REGISTRY}/base"

PICK = VERSION == "1.0.0" ? "9.9.9" : "0.0.1"

target "base" {
  tags = [
    "${REGISTRY}/base:${VERSION}",
    "${IMAGE}:${FULL}",
    NOTHING != null ? "${IMAGE}:nothing" : "",
    equal("", VERSION) ? "" : "${IMAGE}:v${VERSION}",
  ]
  args = {
    FULL           = FULL
    NODE           = NODE
    NOTHING        = NOTHING
    FIRST          = EXTRA[0]
    GO             = BY_NAME.go
    NODE_BY_KEY    = BY_NAME["node"]
    PICKED         = PICK
    TRIMMED        = trimspace(HEREDOC)
    "QUOTED_KEY_1" = "${VERSION}"
    (NOTHING == null ? "COMPUTED_1" : "OTHER") = "4.5.6"
  }
}
