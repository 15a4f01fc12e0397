BASE_ARGS = --build-arg BASE=$(BASE) --build-arg OTHER=$(OTHER) --build-arg HERE=$(CURDIR)/x --build-arg COMMIT=$(COMMIT)

build:
	docker build $(BASE_ARGS) --build-context tools=docker-image://$(REGISTRY)/tools:$(TAG) \
		--build-context here=$(CURDIR) --build-context $(COMMIT)=docker-image://a:1 -t $(REGISTRY)/$(NAME):$(TAG) .
