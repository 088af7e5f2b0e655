"""REST resource of the privacy policy: the handling of a patient's identity at import."""

from http import HTTPStatus

from flask import Response

from services.config_api.actions.policies import privacy_policy
from services.config_api.actions.policies.privacy_policy import PrivacyPolicyInput
from services.config_api.api.common.base import ResponseModel, answer, blueprint
from services.config_api.web.current import context
from shared.database.models import Handling

api = blueprint("privacy_policy", tag="Privacy policy", description="The parts of a patient's identity that are stored")


class PrivacyPolicyOutput(ResponseModel):
    """The present policy. It applies to objects that are imported from now on; stored studies are not changed."""

    patient_name: Handling
    patient_id: Handling
    patient_birth_date: Handling
    accession_number: Handling


@api.get("", responses={HTTPStatus.OK: PrivacyPolicyOutput})
def get_privacy_policy() -> Response:
    """Show the parts of a patient's identity that are stored."""
    with context().transaction() as session:
        return answer(PrivacyPolicyOutput.model_validate(privacy_policy.find_privacy_policy(session)))


@api.put("", responses={HTTPStatus.OK: PrivacyPolicyOutput})
def change_privacy_policy(body: PrivacyPolicyInput) -> Response:
    """Set the parts of a patient's identity that are stored from now on; stored studies stay as they are."""
    has_key = context().settings.privacy_hash_key is not None
    with context().transaction() as session:
        privacy_policy.change_privacy_policy(session, body, has_key=has_key)
    return answer(PrivacyPolicyOutput.model_validate(body))
