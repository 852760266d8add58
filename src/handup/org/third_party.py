"""The data classes of tables that are not ours: every field of every installed package's model.

A new version that adds a field fails a test until somebody has decided what the field may hold.
"""

from handup.org.classes import DataClass, classify

THIRD_PARTY: dict[str, dict[str, DataClass]] = {
    "auth.permission": classify(O="id name content_type codename"),
    "auth.group": classify(O="id name permissions"),
    "auth.group_permissions": classify(O="id group permission"),
    "contenttypes.contenttype": classify(O="id app_label model"),
    "sessions.session": classify(I="session_key session_data expire_date"),
    "account.emailaddress": classify(I="id user email verified primary"),
    "account.emailconfirmation": classify(I="id email_address created sent key"),
    "mfa.authenticator": classify(I="id user type data created_at last_used_at"),
    "axes.accessattempt": classify(
        I="id user_agent ip_address username http_accept path_info attempt_time get_data post_data"
        " failures_since_start"
    ),
    "axes.accessattemptexpiration": classify(I="access_attempt expires_at"),
    "axes.accesslog": classify(
        I="id user_agent ip_address username http_accept path_info attempt_time logout_time"
        " session_hash"
    ),
    "axes.accessfailurelog": classify(
        I="id user_agent ip_address username http_accept path_info attempt_time locked_out"
    ),
    "django_tasks_database.dbtaskresult": classify(
        I="id status enqueued_at started_at finished_at args_kwargs priority task_path worker_ids"
        " queue_name backend_name run_after return_value exception_class_path traceback"
    ),
}
