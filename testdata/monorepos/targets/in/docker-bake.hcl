target "runtime" {
  context = "ml"
  target = "runtime"
  tags = ["registry.example/team/ml-runtime:1.0.0"]
}
target "dev" {
  context = "ml"
  target = "dev"
  tags = ["registry.example/team/ml-dev:1.0.0"]
}
target "gpu" {
  context = "ml"
  target = "gpu"
  tags = ["registry.example/team/ml-gpu:1.0.0"]
}
