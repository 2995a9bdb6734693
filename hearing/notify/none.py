"""No notices: what the clerk prints and hands over is all there is. What was sent can be looked at, for tests."""

from hearing.ports import Notice


class NoNotifier:
    def __init__(self) -> None:
        self.sent: list[Notice] = []

    async def send(self, notice: Notice) -> None:
        self.sent.append(notice)


def at(url: str) -> NoNotifier:
    return NoNotifier()
