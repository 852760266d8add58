"""One e-mail: handed to a server by SMTP, or written to a file.

Without `HANDUP_EMAIL` nothing leaves the house: each is a line of `mails.jsonl` in the data folder,
its address hidden but for the domain. With the address of a server it goes there from
`HANDUP_EMAIL_FROM`: over TLS whose certificate is proved, or plainly to this machine.
"""

import contextlib
import json
import os
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from handup.org.mail_server import MailServer
from handup.org.posting_out import SECONDS, NotTaken

FILE = "mails.jsonl"


def send(id: UUID, to: str, subject: str, text: str) -> None:
    """Hand one over; the id is the same when it is sent again. Raises NotTaken."""
    if settings.MAIL_SERVER is None:
        _write_down(id, to, subject, text)
        return
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings.MAIL_FROM, to, subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{id}@{settings.MAIL_FROM.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    try:
        _hand_over(settings.MAIL_SERVER, letter)
    except smtplib.SMTPAuthenticationError as fault:
        raise NotTaken("SIGN_IN", final=False) from fault
    except smtplib.SMTPRecipientsRefused as fault:
        codes = [code for code, _said in fault.recipients.values()]
        raise NotTaken("REFUSED", final=bool(codes) and min(codes) >= 500) from fault
    except smtplib.SMTPResponseException as fault:
        raise NotTaken("REFUSED", final=fault.smtp_code >= 500) from fault
    except (OSError, smtplib.SMTPException) as fault:
        raise NotTaken("NOT_REACHED", final=False) from fault


def _hand_over(server: MailServer, letter: EmailMessage) -> None:
    proved = ssl.create_default_context()
    if server.at_once:
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=proved
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    with contextlib.closing(line):
        if not server.at_once and not server.is_here:
            line.starttls(context=proved)
        if server.user:
            line.login(server.user, server.password)
        line.send_message(letter)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            line.quit()  # it is taken, whatever is said to the farewell


def _write_down(id: UUID, to: str, subject: str, text: str) -> None:
    told = {
        "at": timezone.now().isoformat(timespec="seconds"),
        "id": str(id),
        "to": f"…@{to.rpartition('@')[2]}",
        "subject": subject,
        "text": text,
    }
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with os.fdopen(os.open(settings.DATA_DIR / FILE, flags, 0o600), "a", encoding="utf-8") as file:
        file.write(f"{json.dumps(told, ensure_ascii=False)}\n")
