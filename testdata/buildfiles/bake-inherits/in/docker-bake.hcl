target "_common" {
  args = {
    BASE = "1.0.0"
    GO   = "1.22"
    KEEP = "kept"
  }
  contexts = {
    base = "docker-image://registry.example.com/base:1.0.0"
  }
  tags = ["registry.example.com/common:1"]
}

target "_tags" {
  tags = ["registry.example.com/tags:2"]
  args = { GO = "1.23" }
}

target "none" {
  dockerfile = "not-here.Dockerfile"
}

target "app" {
  inherits   = ["_common", "_tags"]
  dockerfile = "app.Dockerfile"
  args = {
    BASE = "2.0.0"
    KEEP = null
  }
}

target "chain" {
  inherits = ["app"]
  target   = "last"
  args     = { CHAIN = target._common.args.BASE }
  tags     = target._tags.tags
}

target "app" {
  contexts = { src = "./src" }
}

target "lost" {
  inherits = ["nowhere"]
}
