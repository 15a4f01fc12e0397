target "java17" {
  context = "java/17"
  tags = ["registry.example/team/java:17.0.3"]
}
target "app17" {
  context = "app/17"
  tags = ["registry.example/team/app:17-1.0.0"]
}
target "java21" {
  context = "java/21"
  tags = ["registry.example/team/java:21.0.5"]
}
target "app21" {
  context = "app/21"
  tags = ["registry.example/team/app:21-1.0.0"]
}
