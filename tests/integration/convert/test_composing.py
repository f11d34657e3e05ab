"""The bucket for what is derived joins objects, which exports of usage are made of."""

from __future__ import annotations

import pytest

from reelgate.domain.errors import Unavailable
from tests.integration.convert.conftest import ConvertingServices


async def write(services: ConvertingServices, name: str, data: bytes) -> None:
    writer = services.derived_objects.create(name, content_type="text/csv")
    await writer.write(data)
    await writer.finish()


async def test_objects_are_joined_in_their_order_as_often_as_it_takes(services: ConvertingServices) -> None:
    names = [f"exports/x/parts/{number}.csv" for number in range(32)]
    for number, name in enumerate(names):
        await write(services, name, f"{number}\r\n".encode())
    for _ in range(2):
        await services.derived_objects.compose("exports/x/all.csv", names, content_type="text/csv")
    answer = services.derived()["all.csv"]
    assert answer.content == "".join(f"{number}\r\n" for number in range(32)).encode()
    assert answer.headers["content-type"] == "text/csv"
    await services.derived_objects.remove_all("exports/x/parts/")
    assert list(services.derived()) == ["all.csv"]
    with pytest.raises(Unavailable):
        await services.derived_objects.compose("exports/x/all.csv", names, content_type="text/csv")
    assert services.derived()["all.csv"].content == answer.content
