variable "GO_VERSION" {
