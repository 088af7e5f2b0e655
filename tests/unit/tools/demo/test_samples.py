from pathlib import Path

import pytest
from pydicom import dcmread

from tools.demo.samples import make_samples, send
from tools.stack.errors import StackError


def test_samples_are_different_studies_of_all_classes(tmp_path: Path) -> None:
    samples = make_samples(tmp_path)
    reports = [dcmread(sample.path) for sample in samples]
    assert len({sample.study_instance_uid for sample in samples}) == len(samples) == 6
    assert [report.StudyInstanceUID for report in reports] == [sample.study_instance_uid for sample in samples]
    assert {report.ContentTemplateSequence[0].TemplateIdentifier for report in reports} == {"10011", "10001"}
    assert {report.StationName for report in reports} == {sample.calling_ae_title for sample in samples}


def test_sending_to_nobody_fails_with_the_reason(tmp_path: Path, free_port: int) -> None:
    with pytest.raises(StackError, match=r"(?s)storescu .*Connection refused"):
        send(make_samples(tmp_path)[0], called_ae_title="DOSEWIRE", port=free_port)
