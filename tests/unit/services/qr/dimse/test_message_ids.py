from services.qr.dimse.message_ids import MOST, next_message_id


def test_none_comes_again_before_all_others() -> None:
    ids = [next_message_id() for _ in range(MOST - 1)]
    assert set(ids) == set(range(1, MOST))
    assert next_message_id() == ids[0]
