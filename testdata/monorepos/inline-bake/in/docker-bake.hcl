variable "NODE" { default = "1.0.0" }
variable "OUTSIDE" {}

target "_common" {
  args              = { NODE = "1.0.0" }
  dockerfile-inline = <<EOT
ARG NODE
FROM registry.example/team/base-node:$${NODE}
EOT
}

target "mid" {
  inherits = ["_common"]
  tags     = ["registry.example/team/mid:4.1.0"]
}

target "old" {
  inherits = ["_common"]
  args     = { NODE = "0.9.0" }
}

target "string" {
  dockerfile-inline = "FROM registry.example/team/base-node:1.0.0\nRUN echo \"$${HOME}\"\nCOPY --from=registry.example/team/base-node:1.0.0 /a /b\n"
}

target "indented" {
  context           = "indented"
  dockerfile-inline = <<-EOT
    FROM registry.example/team/base-node:${NODE}
      RUN true
    EOT
}

target "both" {
  name   = "both-${n}"
  matrix = { n = ["x", "y"] }
  dockerfile-inline = <<EOT
FROM registry.example/team/base-node:1.0.0 AS ${n}
EOT
}

target "linked" {
  contexts          = { base = "target:mid" }
  dockerfile-inline = "FROM base"
}

target "outside" {
  dockerfile-inline = "FROM registry.example/team/base-node:${OUTSIDE}"
}

target "unknown" {
  dockerfile-inline = OUTSIDE
}
