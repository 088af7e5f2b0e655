"""Generated, realistic dose reports: CT (TID 10011) and projection X-ray (TID 10001).

Valid by the letter of PS3.3 and PS3.16, with plausible values, and the same for the same arguments: every UID
and every value follows from `seed`. No patient, hospital or device in them exists.
"""

from tools.dose_objects.ct import ct_report
from tools.dose_objects.projection import fluoroscopy_report, radiography_report
from tools.dose_objects.study import Equipment, Patient, Study, write

__all__ = ["Equipment", "Patient", "Study", "ct_report", "fluoroscopy_report", "radiography_report", "write"]
