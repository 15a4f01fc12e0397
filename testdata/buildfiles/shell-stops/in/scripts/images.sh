IMAGES=("base" "golang")
