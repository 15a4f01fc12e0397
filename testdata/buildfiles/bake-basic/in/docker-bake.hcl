group "default" {
  targets = ["base", "app"]
}

target "base" {
  tags = ["registry.example.com/base:1.0.0", "registry.example.com/base:latest"]
}

target "app" {
  context    = "app"
  dockerfile = "Dockerfile"
  target     = "runtime"
  args = {
    BASE_TAG = "1.0.0"
    EMPTY    = ""
    DEFAULT  = null
    NUMBER   = 18
    FLAG     = true
  }
  tags = [
    "registry.example.com/app:2.1",
  ]
  platforms = ["linux/amd64", "linux/arm64"]
}

target "tools" {
  context    = "."
  dockerfile = "tools/build.Dockerfile"
  output     = [{ type = "docker" }]
}

target "elsewhere" {
  context = "https://github.com/example/project.git"
}

target "inline" {
  dockerfile-inline = <<EOT
FROM registry.example.com/base:1.0.0
EOT
}

target "missing" {
  dockerfile = "none.Dockerfile"
}
