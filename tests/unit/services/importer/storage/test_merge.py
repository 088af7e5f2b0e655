"""The decision that makes a stored study a function of the set of its objects, whatever their order."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.importer.reading.contribution import Contribution, EventIdentity
from services.importer.storage.merge import Decision, Effect, StudyState, merge

MORNING = datetime(2026, 3, 14, 9, 0)  # noqa: DTZ001 (DICOM has local times)


def report(uid: str, *keys: str) -> Contribution:
    return Contribution(sop_instance_uid=uid, events=tuple(EventIdentity(key) for key in keys))


def image(uid: str, *, minute: int, event_uid: str | None = None, exposure: str | None = "26 kV") -> Contribution:
    started_at = MORNING + timedelta(minutes=minute)
    identity = EventIdentity.of(event_uid or uid, started_at, sop_instance_uid=uid, exposure=exposure)
    return Contribution(sop_instance_uid=uid, events=(identity,), is_image=True)


def series(uid: str, name: str) -> Contribution:
    return Contribution(sop_instance_uid=uid, events=(EventIdentity(name),), is_image=True, of_series=True)


@dataclass
class Study:
    """The rows of a study, as the database adapter writes them by a decision."""

    processed: set[str] = field(default_factory=set)
    reports: dict[str, Contribution] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    described_by: str | None = None

    def receive(self, new: Contribution) -> Decision:
        decision = merge(StudyState(frozenset(self.processed), tuple(self.reports.values())), new)
        self.processed.add(new.sop_instance_uid)
        if not decision.stays:
            assert decision == Decision(effect=decision.effect, reason=decision.reason)
            return decision
        for uid in decision.superseded:
            del self.reports[uid]
            self.events = {key: owner for key, owner in self.events.items() if owner != uid}
        for key in decision.remove_events:
            del self.events[key]
        for key in decision.write_events:
            assert key not in self.events, "an event would be written twice"
            self.events[key] = new.sop_instance_uid
        self.reports[new.sop_instance_uid] = new
        if decision.leads:
            self.described_by = new.sop_instance_uid
        return decision

    def rows(self) -> object:
        return self.processed, set(self.reports), self.events, self.described_by


def after(*objects: Contribution) -> Study:
    study = Study()
    for one in objects:
        study.receive(one)
    return study


def last_effect(*objects: Contribution) -> Effect:
    study = after(*objects[:-1])
    return study.receive(objects[-1]).effect


def test_the_first_object_of_a_study_is_stored() -> None:
    assert after(report("1.1", "a", "b")).rows() == ({"1.1"}, {"1.1"}, {"a": "1.1", "b": "1.1"}, "1.1")


def test_an_object_that_was_processed_is_ignored_even_when_nothing_of_it_is_left() -> None:
    earlier, later = report("1.1", "a"), report("1.2", "a", "b")
    assert last_effect(earlier, later, earlier) is Effect.IGNORED_DUPLICATE_SOP_INSTANCE
    assert last_effect(earlier, earlier) is Effect.IGNORED_DUPLICATE_SOP_INSTANCE


def test_a_cumulative_report_takes_the_place_of_earlier_ones() -> None:
    reports = report("1.3", "a"), report("1.2", "a", "b"), report("1.1", "a", "b", "c")
    assert last_effect(*reports) is Effect.REPLACED_BY_SUPERSET
    assert last_effect(*reversed(reports)) is Effect.IGNORED_EVENT_SUBSET
    study = after(*reports)
    assert set(study.reports) == {"1.1"}
    assert study.processed == {"1.1", "1.2", "1.3"}


def test_a_continued_report_adds_its_events() -> None:
    reports = report("1.1", "a", "b"), report("1.2", "c", "d")
    assert last_effect(*reports) is Effect.CONTINUED
    assert set(after(*reports).events) == {"a", "b", "c", "d"}


def test_events_that_two_reports_share_are_read_from_the_one_that_tells_more() -> None:
    small, large = report("1.1", "a", "b"), report("1.2", "b", "c", "d")
    expected = {"a": "1.1", "b": "1.2", "c": "1.2", "d": "1.2"}
    assert after(small, large).events == expected
    assert after(large, small).events == expected


def test_an_event_that_was_read_from_a_superseded_report_is_removed_with_it() -> None:
    late, early, other = report("1.1", "a", "b"), report("1.0", "a", "b"), report("1.2", "a", "c")
    study = after(late, other)
    assert study.receive(early).remove_events == ()
    assert study.events == {"a": "1.0", "b": "1.0", "c": "1.2"}


def test_of_two_reports_with_the_same_events_the_earlier_one_stays_in_any_order() -> None:
    early, late = report("1.9", "a"), report("1.10", "a")
    assert last_effect(early, late) is Effect.IGNORED_SAME_EVENTS
    assert last_effect(late, early) is Effect.IGNORED_SAME_EVENTS
    assert after(early, late).rows() == after(late, early).rows() == ({"1.9", "1.10"}, {"1.9"}, {"a": "1.9"}, "1.9")


def test_a_report_without_events_gives_way_to_one_with_events() -> None:
    summary, full = report("1.1"), report("1.2", "a")
    assert last_effect(summary, report("1.0")) is Effect.IGNORED_SAME_EVENTS
    assert last_effect(summary, full) is Effect.REPLACED_BY_SUPERSET
    assert after(summary, full).rows() == after(full, summary).rows()


def test_images_of_one_study_add_up() -> None:
    images = image("1.1", minute=1), image("1.2", minute=2), image("1.3", minute=3)
    assert last_effect(*images) is Effect.ADDED_EVENT
    assert len(after(*images).events) == 3


def test_of_a_presentation_and_a_processing_image_one_stays() -> None:
    twins = image("1.1", minute=1), image("1.2", minute=1)
    assert last_effect(*twins) is Effect.IGNORED_SAME_EXPOSURE
    assert last_effect(*reversed(twins)) is Effect.IGNORED_SAME_EXPOSURE
    assert after(*twins).rows() == after(*reversed(twins)).rows()


def test_two_exposures_at_the_same_time_with_their_own_event_uids_are_two() -> None:
    exposures = image("1.1", minute=1, event_uid="2.1"), image("1.2", minute=1, event_uid="2.2")
    assert set(after(*exposures).events) == {"2.1", "2.2"}


def test_two_exposures_at_the_same_time_of_different_technique_are_two() -> None:
    exposures = image("1.1", minute=1), image("1.2", minute=1, exposure="28 kV")
    twin = image("1.3", minute=1, exposure="28 kV")
    assert set(after(*exposures, twin).reports) == {"1.1", "1.2"}
    stored_by_an_earlier_version = image("1.0", minute=1, exposure=None)
    assert set(after(stored_by_an_earlier_version, twin).reports) == {"1.0"}


def test_one_exposure_by_its_event_uid_is_one_whatever_the_times() -> None:
    twins = image("1.1", minute=1, event_uid="2.1"), image("1.2", minute=5, event_uid="2.1")
    assert set(after(*twins).events) == {"2.1"}


@pytest.mark.parametrize("event_uid", ["2.1", None], ids=["by event UID", "by time"])
def test_a_report_goes_before_images_of_the_same_exposures(event_uid: str | None) -> None:
    picture = image("1.1", minute=1, event_uid=event_uid)
    dose_report = Contribution(sop_instance_uid="1.2", events=(EventIdentity("2.1", MORNING + timedelta(minutes=1)),))
    assert last_effect(picture, dose_report) is Effect.REPORT_REPLACED_IMAGE_VALUES
    assert last_effect(dose_report, picture) is Effect.IGNORED_SAME_EXPOSURE
    assert after(picture, dose_report).rows() == after(dose_report, picture).rows()
    assert after(picture, dose_report).events == {"2.1": "1.2"}


def test_each_series_of_images_counts_once() -> None:
    assert last_effect(series("1.1", "s1"), series("1.2", "s1")) is Effect.IGNORED_SAME_SERIES
    assert last_effect(series("1.1", "s1"), series("1.2", "s2")) is Effect.ADDED_SERIES


def test_a_dose_info_image_gives_way_to_a_report_of_the_study() -> None:
    info = Contribution(
        sop_instance_uid="1.1", events=(EventIdentity("content x"),), is_image=True, of_whole_study=True
    )
    dose_report = report("1.2", "a", "b")
    assert last_effect(info, dose_report) is Effect.REPORT_REPLACED_IMAGE_VALUES
    assert last_effect(dose_report, info) is Effect.IGNORED_SAME_EXPOSURE
    assert after(info, dose_report).rows() == after(dose_report, info).rows()


KEYS = [f"2.{number}" for number in range(5)]
REPORTS = st.builds(
    lambda uid, keys: report(f"1.{uid}", *sorted(keys)),
    st.integers(0, 20),
    st.sets(st.sampled_from(KEYS), max_size=4),
)
IMAGES = st.builds(
    lambda uid, minute, event_uid, exposure: image(f"1.{uid}", minute=minute, event_uid=event_uid, exposure=exposure),
    st.integers(21, 40),
    st.integers(0, 2),
    st.none() | st.sampled_from(KEYS),
    st.sampled_from(["26 kV", "28 kV"]),
)


@given(st.lists(REPORTS | IMAGES, min_size=1, max_size=5, unique_by=lambda one: one.sop_instance_uid), st.data())
@settings(max_examples=400, deadline=None)
def test_any_order_gives_the_same_study(objects: list[Contribution], data: st.DataObject) -> None:
    # Reports and images of one study agree on when an exposure was made, and its images on how.
    minute = {key: number % 3 for number, key in enumerate(KEYS)}
    technique = {key: f"{26 + 2 * (number % 2)} kV" for number, key in enumerate(KEYS)}
    objects = [
        Contribution(
            sop_instance_uid=one.sop_instance_uid,
            events=tuple(
                EventIdentity(
                    event.key,
                    MORNING + timedelta(minutes=minute[event.key]),
                    event.has_uid,
                    event.exposure and technique[event.key],
                )
                if event.key in minute
                else event
                for event in one.events
            ),
            is_image=one.is_image,
        )
        for one in objects
    ]
    expected = after(*objects).rows()
    for order in itertools.islice(itertools.permutations(objects), 120):
        assert after(*order).rows() == expected
    repeated = [*objects, *data.draw(st.lists(st.sampled_from(objects), max_size=3))]
    assert after(*repeated).rows() == expected
