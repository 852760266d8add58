"""The words of an analysis: its methods, what a reader must know, what may be said."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.results.rules.states import Level
from handup.results.rules.study import Caveat, Method

METHODS: Mapping[str, Promise] = {
    Method.MEAN: _("mean"),
    Method.SHARE: _("share"),
    Method.MEAN_CHANGE: _("mean change of the same units"),
    Method.RESAMPLED: _("mean change, interval by drawing again"),
    Method.MEDIAN_CHANGE: _("middle change"),
    Method.RATIO: _("last over first"),
    Method.SHARE_RISEN: _("share that rose"),
    Method.SIGNED_RANKS: _("signed ranks"),
    Method.SHARE_CHANGE: _("change of the share"),
    Method.MORE_THAN_OTHERS: _("changed more than the comparison group"),
    Method.SAME_START: _("more than others with the same beginning"),
    Method.AT_THE_END: _("more than the comparison group at the end"),
    Method.NO_CLUSTERS: _("the same, as if nobody lived near another"),
    Method.STILL_OPEN: _("share still open, by Kaplan and Meier"),
    Method.LEE: _("bounds, whoever was lost"),
}
CAVEATS: Mapping[str, Promise] = {
    Caveat.FEW_CLUSTERS: _("Fewer than ten clusters: the interval may be too narrow."),
    Caveat.TOO_FEW_CLUSTERS: _("Fewer than four clusters in a group: no interval can be given."),
    Caveat.MANY_LOST: _("More than one in ten were not found again."),
    Caveat.LOST_DIFFER: _("Those who were lost differed at the beginning from those who stayed."),
    Caveat.GROUPS_DIFFER: _("The two groups differed at the beginning."),
    Caveat.NOT_FIXED: _("It was not fixed before fieldwork: it was looked for in what was there."),
    Caveat.GROUP_UNKNOWN: _("Of some it is not known whether they took part; they are left out."),
    Caveat.NOT_WATCHED: _("No enterprise was watched for so long: no result."),
    Caveat.TOO_FEW: _("Fewer than five answers: no result."),
}
MAY_SAY: Mapping[str, Promise] = {
    Level.DESCRIPTIVE: _("May be said: of those asked, so many report it. Nothing about a change."),
    Level.CHANGE: _("May be said: it rose, fell or changed. Not: because of the programme."),
    Level.COMPARED: _("May be said: more or less than in the comparison group. Not: because of."),
    Level.CAUSAL: _("May be said: the programme led to it."),
}
UNCLEAR: Mapping[str, Promise] = {
    Level.CHANGE: _("May be said: no clear change. Not: that it rose or fell."),
    Level.COMPARED: _("May be said: no clear difference from the comparison group."),
}
"""What may be said where the interval holds nothing at all."""
GROUPS: Mapping[bool | None, Promise] = {
    None: _("everybody"),
    True: _("those who took part"),
    False: _("comparison group"),
}
