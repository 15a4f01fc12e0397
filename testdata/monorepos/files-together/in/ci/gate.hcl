target "gate" { args = { BASE_TAG = "1.0.0" } }
