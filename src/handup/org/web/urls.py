"""Addresses of sign-in, one's own account and the frame's small posts."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from handup.org.web import account, edited, files, guide, kept, palette, undo, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("go/", palette.Palette.as_view(), name="palette"),
    path("account/language/", views.set_language, name="set_language"),
    path("account/choose/<slug:key>/", views.choose, name="choose"),
    path(
        "account/devices/<uuid:pk>/lost/", account.OwnDeviceLost.as_view(), name="own_device_lost"
    ),
    path("account/sessions/<uuid:pk>/", account.EndSession.as_view(), name="session_end"),
    path("files/<uuid:pk>/", files.send_file, name="file"),
    path("edited-lists/", edited.EditedListList.as_view(), name="editedlist_list"),
    path("edited-lists/new/<str:code>/", edited.LoadEdited.as_view(), name="editedlist_new"),
    path("edited-lists/<uuid:pk>/", edited.EditedListPage.as_view(), name="editedlist_detail"),
    path("edited-lists/<uuid:pk>/take/", edited.TakeCells.as_view(), name="editedlist_take"),
    path("edited-lists/<uuid:pk>/end/", edited.EndReview.as_view(), name="editedlist_end"),
    path("account/undo/<uuid:pk>/", undo.Undo.as_view(), name="undo"),
    path("account/notices/", account.AskForNotices.as_view(), name="notices_ask"),
    path("account/notices/end/", account.EndNotices.as_view(), name="notices_end"),
    path("account/filters/", kept.FilterList.as_view(), name="filter_list"),
    path("account/filters/new/", kept.KeepFilter.as_view(), name="filter_new"),
    path("account/filters/<uuid:pk>/", kept.FilterPage.as_view(), name="filter_detail"),
    path("account/filters/<uuid:pk>/rename/", kept.RenameFilter.as_view(), name="filter_rename"),
    path("account/filters/<uuid:pk>/delete/", kept.DeleteFilter.as_view(), name="filter_delete"),
    path("account/guide/", guide.Guide.as_view(), name="guide"),
    path("account/", account.AccountPage.as_view(), name="account"),
]
