include ../../versions.mk
IMAGE := $(REGISTRY)/$(NAME)
TAGS := $(TAG)
ifeq ($(LATEST),1)
	TAGS += latest
endif
TAG_ARGS := $(foreach tag,$(TAGS),--tag "$(IMAGE):$(tag)")

docker-build:
	docker build --build-arg BASE=$(BASE_IMAGE) $(TAG_ARGS) -f Dockerfile .
