REPO ?= registry.example/team

%-image: .stamp
	docker build $($@-args) -t $(REPO)/$(subst -image,,$@):1.0 -f $(word 2,$^) .

%-plain:
	docker build $($@-args) -t $(REPO)/$(subst -plain,,$@):1.0 -f $< .
