# Two commands for everyone: make demo, make test. For those who change things: make test-quick (under two minutes: all
# but the tests marked slow), make lint, make docs, make pictures.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-quick lint docs pictures clean

demo: .venv/installed
	$(BIN)/python cli.py evaluate

test: .venv/installed-dev
	$(BIN)/python -m pytest -q -n auto --dist worksteal

test-quick: .venv/installed-dev
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not slow"

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: .venv/installed-docs
	$(BIN)/python docs/write_commands.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "Site: build/site/index.html; with search: python3 -m http.server --directory build/site"

# Screenshots and plots of the README and the site; needs Chromium and requirements-browser.txt.
pictures: .venv/installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-browser.txt
	$(BIN)/python benchmarks/pictures.py --output docs/images

.venv/installed: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/installed-dev: requirements-dev.txt requirements-distributed.txt requirements-tensorboard.txt requirements-onnx.txt \
		requirements-speed.txt requirements-parquet.txt requirements-serve.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

.venv/installed-docs: requirements-docs.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	touch $@

clean:
	rm -rf .venv artifacts build dist *.egg-info
