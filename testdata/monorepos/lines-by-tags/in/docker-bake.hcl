target "java17" {
  context = "java17"
  tags = ["registry.example/team/java:17-1.0.0"]
}
target "java21" {
  context = "java21"
  tags = ["registry.example/team/java:21-1.0.0"]
}
