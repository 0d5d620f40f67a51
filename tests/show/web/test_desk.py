"""An answer is made once, told how it comes on, stopped where nobody wants it, and kept while there is room."""

from __future__ import annotations

import threading

import pytest
from starlette.testclient import TestClient

from cellroad.engineering.design.designing import design
from cellroad.engineering.design.refusal import NoPackError
from cellroad.show.web import desk as module
from cellroad.show.web.app import build
from cellroad.show.web.asking import question
from cellroad.show.web.desk import Desk, StoppedError
from cellroad.show.web.verbs import design as verb

WORDS = {"use": "storage-residential", "nominal": "100V", "energy": "5kWh"}


class Slow:
    """A design that waits at its first word until it is let go, and counts how often it is asked."""

    def __init__(self) -> None:
        self.go, self.begun, self.count = threading.Event(), threading.Event(), 0

    def __call__(self, asked, **words):
        self.count += 1
        self.begun.set()
        words["watch"]("weighing packs: 1 of 2")
        while not self.go.wait(0.01):
            words["watch"]("weighing packs: 1 of 2")
        return design(asked, **words)


@pytest.fixture
def slow(monkeypatch):
    made = Slow()
    monkeypatch.setattr(module, "design", made)
    monkeypatch.setattr(verb, "PATIENCE_S", 0.05)
    yield made
    made.go.set()


def test_what_is_asked_twice_is_made_once():
    made = Desk()
    first, again = made.ask(question(WORDS)), made.ask(question({**WORDS, "energy": "5000 Wh"}))
    assert first is again
    assert first.answer() is again.answer()
    assert made.ask(question({**WORDS, "energy": "6 kWh"})) is not first
    made.close()


def test_a_refusal_is_told_to_each_who_asks():
    made = Desk()
    asked = question({**WORDS, "mass": "10kg"})
    for _ in range(2):
        with pytest.raises(NoPackError):
            made.ask(asked).answer()
    made.close()


def test_a_long_design_tells_how_it_comes_on_and_then_its_answer(slow):
    with TestClient(build(), base_url="http://127.0.0.1", follow_redirects=False) as client:
        reply = client.get("/design", params=WORDS)
        assert reply.status_code == 202
        assert '<meta http-equiv="refresh" content="1">' in reply.text
        assert slow.begun.wait(10)
        assert "weighing packs: 1 of 2" in client.get("/design", params=WORDS).text
        slow.go.set()
        client.get("/design.csv", params=WORDS)  # files wait
        assert client.get("/design", params=WORDS).status_code == 200
        assert slow.count == 1


def test_a_long_design_can_be_stopped_and_asked_again(slow):
    with TestClient(build(), base_url="http://127.0.0.1", follow_redirects=False) as client:
        page = client.get("/design", params=WORDS).text
        assert slow.begun.wait(10)
        address = page.split('<form method="post" action="')[1].split('"')[0].replace("&amp;", "&")
        gone = client.post(address)
        assert gone.status_code == 303
        assert gone.headers["location"].startswith("/design/form?use=storage-residential")
        assert 'value="100V"' in client.get(gone.headers["location"]).text
        slow.begun.clear()
        assert client.get("/design", params=WORDS).status_code == 202
        assert slow.begun.wait(10)
        slow.go.set()
        client.get("/design.csv", params=WORDS)
        assert slow.count == 2


def test_whoever_waits_for_what_is_stopped_is_told(slow):
    made = Desk()
    asked = question(WORDS)
    run = made.ask(asked)
    assert slow.begun.wait(10)
    made.stop(asked)
    with pytest.raises(StoppedError):
        run.answer()
    made.close()


def test_more_than_can_be_waited_for_is_turned_away(slow, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    with TestClient(build(), base_url="http://127.0.0.1") as client:
        for energy in ("5kWh", "6kWh"):
            assert client.get("/design", params={**WORDS, "energy": energy}).status_code == 202
        reply = client.get("/design.json", params={**WORDS, "energy": "7kWh"})
        assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
        assert client.get("/design", params={**WORDS, "energy": "5kWh"}).status_code == 202
        slow.go.set()


def test_answers_are_let_go_when_there_are_too_many_layouts(monkeypatch):
    made = Desk()
    first = made.ask(question(WORDS))
    held = first.answer().layouts.height
    monkeypatch.setattr(module, "MOST_LAYOUTS", held)
    second = made.ask(question({**WORDS, "energy": "6kWh"}))
    second.answer()
    made.ask(question({**WORDS, "energy": "6kWh"}))
    assert made.ask(question(WORDS)) is not first
    made.close()
