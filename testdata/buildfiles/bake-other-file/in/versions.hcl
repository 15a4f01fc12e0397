variable "GO_VERSION" { default = "1.22.4" }
