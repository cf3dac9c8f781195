"""The knowledge pages' addresses, below /desk/knowledge/."""

from __future__ import annotations

from django.urls import path

from kulanz.web.knowledge import acts, condition, editor, gaps, lists

urlpatterns = [
    path("", lists.article_list, name="knowledge"),
    path("new/", lists.new, name="knowledge-new"),
    path("preview/", editor.preview, name="knowledge-preview"),
    path("gaps/", gaps.gaps, name="knowledge-gaps"),
    path("gaps/draft/", gaps.draft, name="knowledge-gap-draft"),
    path("gaps/dismiss/", gaps.dismiss, name="knowledge-gap-dismiss"),
    path("gaps/dismissed/<int:key>/back/", gaps.bring_back, name="knowledge-gap-back"),
    path("condition/", condition.condition, name="knowledge-condition"),
    path("condition/look/", condition.look, name="knowledge-look"),
    path("<uuid:article_id>/", editor.article, name="knowledge-article"),
    path("<uuid:article_id>/save/", editor.save, name="knowledge-save"),
    path("<uuid:article_id>/autosave/", editor.autosave, name="knowledge-autosave"),
    path("<uuid:article_id>/settings/", acts.settings, name="knowledge-settings"),
    path("<uuid:article_id>/withdraw/", acts.withdraw, name="knowledge-withdraw"),
    path("<uuid:article_id>/send-back/", acts.send_back, name="knowledge-send-back"),
    path("<uuid:article_id>/translate/", acts.translate, name="knowledge-translate"),
    path("<uuid:article_id>/history/", acts.history, name="knowledge-history"),
    path("<uuid:article_id>/restore/<int:number>/", acts.restore, name="knowledge-restore"),
    path("<uuid:article_id>/files/", editor.attach, name="knowledge-attach"),
]
