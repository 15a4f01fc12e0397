GIVEN=3 docker buildx bake web db
GIVEN=4 docker buildx bake -f compose.yaml api
docker buildx bake -f compose.yaml -f docker-bake.hcl --set '*.args.S=5' web
