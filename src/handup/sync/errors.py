"""Expected failures of the inbox, in the words of those who meet them."""

from handup.kernel.errors import Refusal


class CodeNotKnown(Refusal):
    """This code enrols no phone: it was used, it has ended, or it was never given."""


class NotItsKey(Refusal):
    """This is not signed by the phone that shows this key."""


class NotItsHolder(Refusal):
    """Another person answers for this phone. Make the code for whoever answers for it."""


class KeyNotNew(Refusal):
    """This key belongs to another device."""


class BadDeviceId(Refusal):
    """A device makes its id as a UUID of version 7."""


class LinesOnlyOfLines(Refusal):
    """Lines are chosen only with the choice LINES; any other keeps or leaves a whole record."""


class NotADevice(Refusal):
    """Only an enrolled phone reads a work pack."""


class NotAWorkPhone(Refusal):
    """A group's phone carries no work of an officer."""


class NotThatArea(Refusal):
    """This area is not one of yours, or no longer there."""


class AreaTooLarge(Refusal):
    """{area} holds {persons} persons, {groups} groups and {cohorts} courses for you. A device
    carries {most_persons}, {most_groups} and {most_cohorts} at most. Choose a smaller area."""


class DeviceEnded(Refusal):
    """This device is out of use."""


class NotThatSession(Refusal):
    """This session is not one of yours, or no longer there."""


class NotThatPerson(Refusal):
    """Nobody you know has this number, or is enrolled there."""


class NotThatInterview(Refusal):
    """Nobody you may ask is meant by this, or not with this questionnaire."""


class NotThatPoint(Refusal):
    """This collection point is not one of yours, or no longer there."""


class NotThatProducer(Refusal):
    """Nobody you know delivers to this point under this number."""


class NotThatDelivery(Refusal):
    """This delivery is not one of yours, or has not come yet."""


class NotThatMarket(Refusal):
    """This market, product or unit is not one of yours, or no longer there."""


class NotThatCommunity(Refusal):
    """This programme or settlement is not one of yours, or no longer there."""


class NotThatGroup(Refusal):
    """This group is not one of yours, or no longer there."""


class NotThatRecipient(Refusal):
    """You do not know this organisation, or no longer."""


class NotThatCard(Refusal):
    """The card has changed since. Fill the new one with the group."""


class NotThatProduct(Refusal):
    """This product is not one of yours, or no longer there."""


class NotThatContract(Refusal):
    """This contract or grade is not one of yours, or no longer there."""


class PictureUnknown(Refusal):
    """No such picture was told with what this phone recorded."""


class ComplaintStays(Refusal):
    """Nobody leaves out what somebody complains of. Try again, or tell the complaints officer."""


class NotThatPlan(Refusal):
    """This plan is not one of yours, or no longer there."""


class NotThatApplication(Refusal):
    """This application is not one of yours, or no longer there."""


class NotThatTest(Refusal):
    """This test is not one of yours, or no longer there."""


class NotThatEnterprise(Refusal):
    """You do not know this business, or no longer."""


class NotThatPlace(Refusal):
    """You may not register anybody there: the programme, the settlement or the notice is not one of
    yours, or no longer there."""


class NotThatVisit(Refusal):
    """This visit is not one of yours, or no longer there."""


class TakenMeanwhile(Refusal):
    """What this was to mend has been taken in the meantime: correct that record, and leave this
    out."""


class WithoutProgramme(Refusal):
    """She takes part in no programme: a visit belongs to one."""


class PhoneNotOfGroup(Refusal):
    """This phone is not enrolled for this group, or no longer in use."""


class NotASecondRecord(Refusal):
    """There is no second record here to choose: it was chosen already, or more of it has come.
    Look at it again."""


class RecordNotFit(Refusal):
    """The second record cannot stand in the group's book: {faults}."""


class NothingWaits(Refusal):
    """Nothing of this group waits for facts before it."""


class WaitLonger(Refusal):
    """It has waited {days} days. After {needed} the group may go on without what is missing."""


class MeetingStillOpen(Refusal):
    """Meeting {number} is still open. Close or cancel it before the record moves to a phone."""


class NotPackets(Refusal):
    """This file holds no packets of a phone."""


class TooManyPackets(Refusal):
    """At most {most} packets are taken at once."""
