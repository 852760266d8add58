"""What the acts of `results` are called that no page of their own names: words for the trail of who
did what. By the act's code; where a page does the same, its title is used again.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, Promise] = {
    "results.set_reporting_day": _("Choose the day of the report"),
    "results.compute_snapshot": _("Compute a snapshot"),
    "results.compute_again": _("Compute it anew"),
    "results.note_figure": _("Write a note on a figure"),
    "results.check_figures": _("Check figures"),
    "results.approve_figures": _("Approve figures"),
    "results.send_back_figure": _("Send a figure back"),
    "results.freeze_snapshot": _("Freeze the snapshot"),
    "results.plan_analysis": _("Plan an outcome"),
    "results.drop_analysis": _("Take back the plan of an outcome"),
    "results.fix_analysis": _("Fix the plan of an outcome"),
    "results.finish_analysis": _("Work out an outcome"),
    "results.add_logframe_row": _("Add a row to the logframe"),
    "results.change_logframe_row": _("Word a row of the logframe anew"),
    "results.remove_logframe_row": _("Take a row out of the logframe"),
    "results.review_assumption": _("Look at an assumption again"),
    "results.add_row_indicator": _("Add an indicator to a row"),
    "results.remove_row_indicator": _("Take an indicator out of a row"),
    "results.set_target": _("Set a target"),
    "results.write_columns": _("Make the export"),
    "results.send_columns": _("Make a snapshot in columns for a recipient"),
    "results.keep_counting_secret": _("Keep the secret of who counts the country"),
    "results.publish_table": _("Publish a table"),
    "results.type_value": _("Type a value"),
    "results.change_value": _("Mend a typed value"),
    "results.attach_evidence": _("Add evidence to a typed value"),
    "results.check_values": _("Check typed values"),
    "results.approve_values": _("Approve typed values"),
    "results.send_back_value": _("Send a typed value back"),
    "results.write_narrative": _("Write a report"),
    "results.edit_narrative": _("Write on at a report"),
    "results.read_narrative": _("Read a report for words of cause"),
    "results.check_narrative": _("Check the words of a report"),
    "results.approve_narrative": _("Approve a report"),
    "results.send_back_narrative": _("Send a report back"),
    "results.set_exchange": _("Change the settings for exchange"),
    "results.build_exchange": _("Build a file for another system"),
    "results.check_exchange": _("Check a file for another system"),
    "results.publish_exchange": _("Publish a file for another system"),
    "results.replace_exchange": _("A published file was replaced"),
    "results.import_iati": _("Take over an activity of an IATI file"),
    "results.renew_programme": _("Renew a programme from an IATI file"),
    "results.renew_phase": _("Renew a phase from an IATI file"),
    "results.send_narrative": _("Write down that a report was sent"),
}
