target "mid" {
  context = "mid"
  tags = ["registry.example/team/mid:1.4"]
}
target "two" {
  context = "two"
  tags = ["registry.example/team/two:3.1.0-12", "registry.example/team/two:2026-11-09"]
}
