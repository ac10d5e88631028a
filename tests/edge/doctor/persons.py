"""A person with a script."""

from collections.abc import Sequence

from edge.person import Gone


class Scripted:
    """Answers Person: one answer after the other, and is gone when there are no more."""

    def __init__(self, *answers: str) -> None:
        self.left = list(answers)
        self.heard: list[str] = []

    def tell(self, text: str) -> None:
        self.heard.append(text)

    def choose(self, question: str, answers: Sequence[str]) -> str:
        answer = self._next(question)
        assert not answer or answer in answers, f"{question}: {answer} is none of {answers}"
        return answer or answers[0]

    def type_in(self, question: str, usual: str) -> str:
        return self._next(question) or usual

    def _next(self, question: str) -> str:
        self.heard.append(question)
        if not self.left:
            raise Gone
        return self.left.pop(0)
