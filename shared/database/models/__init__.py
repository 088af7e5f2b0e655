"""The tables of the database. Importing this package registers all of them with `Base.metadata`."""

from shared.database.base import Base
from shared.database.models.accumulated_dose import AccumulatedDose
from shared.database.models.administration import Administration, OrganDose, PatientCharacteristics, PetSeries
from shared.database.models.equipment import Equipment, UserModality
from shared.database.models.irradiation_event import (
    CtIrradiation,
    CtXRaySource,
    IrradiationEvent,
    XRayFilter,
    XRayIrradiation,
)
from shared.database.models.node import RejectedCaller, RemoteNode, StoreNode, StoreNodeState
from shared.database.models.node_check import CheckState, CheckStep, CheckVerdict, NodeCheck, NodeEcho
from shared.database.models.policy import (
    DeletionPolicy,
    Disposition,
    Handling,
    IgnoreRule,
    NotPatientPattern,
    PatternField,
    PrivacyPolicy,
)
from shared.database.models.qr import QrInstance, QrJob, QrJobState, QrSeries, QrStudy, QrStudyState
from shared.database.models.qr_schedule import QrSchedule, WhileRunning
from shared.database.models.received_object import ObjectState, ReceivedObject
from shared.database.models.report import Report
from shared.database.models.study import ProcessedObject, Study, StudyPart

__all__ = [
    "AccumulatedDose",
    "Administration",
    "Base",
    "CheckState",
    "CheckStep",
    "CheckVerdict",
    "CtIrradiation",
    "CtXRaySource",
    "DeletionPolicy",
    "Disposition",
    "Equipment",
    "Handling",
    "IgnoreRule",
    "IrradiationEvent",
    "NodeCheck",
    "NodeEcho",
    "NotPatientPattern",
    "ObjectState",
    "OrganDose",
    "PatientCharacteristics",
    "PatternField",
    "PetSeries",
    "PrivacyPolicy",
    "ProcessedObject",
    "QrInstance",
    "QrJob",
    "QrJobState",
    "QrSchedule",
    "QrSeries",
    "QrStudy",
    "QrStudyState",
    "ReceivedObject",
    "RejectedCaller",
    "RemoteNode",
    "Report",
    "StoreNode",
    "StoreNodeState",
    "Study",
    "StudyPart",
    "UserModality",
    "WhileRunning",
    "XRayFilter",
    "XRayIrradiation",
]
