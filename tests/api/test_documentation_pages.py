"""The pages that show the API open without the internet."""

import re

import pytest

from tests.fixtures.web import Api


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_of_the_document_loads_its_scripts_from_this_server(api: Api, page: str) -> None:
    answer = await api.anonymous.get(page)
    assert answer.status_code == 200
    scripts = re.findall(r'<script src="([^"]+)"', answer.text)
    assert scripts
    for script in scripts:
        assert script.startswith("/")
        assert (await api.anonymous.get(script)).status_code == 200
