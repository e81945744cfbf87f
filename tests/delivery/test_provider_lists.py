import asyncio

from reminders.delivery.reconcile.provider_lists import all_within


async def after(seconds: float, answer: str) -> str | None:
    await asyncio.sleep(seconds)
    return answer


def test_who_answers_in_time_is_heard_although_another_hangs():
    answers = asyncio.run(all_within(0.2, [after(0, "one"), after(3_600, "two"), after(0, "three")]))

    assert answers == ["one", None, "three"]


def test_nobody_asked_is_nothing_answered():
    assert asyncio.run(all_within(1, [])) == []
