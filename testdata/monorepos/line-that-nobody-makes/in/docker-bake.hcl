target "java17" {
  context = "java/17"
  tags = ["registry.example/team/java:17.0.3"]
}
target "java21" {
  context = "java/21"
  tags = ["registry.example/team/java:21.0.5"]
}
