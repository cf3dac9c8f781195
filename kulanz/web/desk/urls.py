"""The desk's addresses, below /desk/. The `account_…` names are those that allauth looks for."""

from __future__ import annotations

from django.urls import include, path

from kulanz.web.desk import api_keys, approvals, conversation, correcting, language_models, queue, session

urlpatterns = [
    path("", queue.queue, name="desk"),
    path("list/", queue.queue_list, name="desk-list"),
    path("sign-in/", session.SignIn.as_view(), name="account_login"),
    path("sign-out/", session.SignOut.as_view(), name="account_logout"),
    path("language/", session.set_language, name="desk-language"),
    path("may-listen/", session.may_listen, name="desk-may-listen"),
    path("api-keys/", api_keys.api_keys, name="desk-api-keys"),
    path("api-keys/<int:key_id>/revoke/", api_keys.revoke, name="desk-api-key-revoke"),
    path("language-models/", language_models.language_models, name="desk-language-models"),
    path("approvals/", approvals.approvals, name="desk-approvals"),
    path("approvals/<uuid:approval_id>/", approvals.decide, name="desk-approval"),
    path("curator/", include("kulanz.web.curator.urls")),
    path("knowledge/", include("kulanz.web.knowledge.urls")),
    path("flows/", include("kulanz.web.flows.urls")),
    path("c/<uuid:conversation_id>/", conversation.conversation, name="desk-conversation"),
    path("c/<uuid:conversation_id>/messages/", conversation.message_list, name="desk-messages"),
    path("c/<uuid:conversation_id>/head/", conversation.head, name="desk-head"),
    path("c/<uuid:conversation_id>/panel/", conversation.panel, name="desk-panel"),
    path("c/<uuid:conversation_id>/reply/", conversation.reply, name="desk-reply"),
    path("c/<uuid:conversation_id>/files/<uuid:attachment_id>/", conversation.file, name="desk-file"),
    path("c/<uuid:conversation_id>/accept/", conversation.accept, name="desk-accept"),
    path("c/<uuid:conversation_id>/resolve/", conversation.resolve, name="desk-resolve"),
    path("c/<uuid:conversation_id>/give-back/", conversation.give_back, name="desk-give-back"),
    path("c/<uuid:conversation_id>/correct/", correcting.correct, name="desk-correct"),
    path("c/<uuid:conversation_id>/typing/", conversation.typing, name="desk-typing"),
]
