cd sub
docker buildx bake -f bake.hcl -f bake.told.hcl s
docker buildx bake -f bake.prod.hcl
