"""The curator's addresses, below /desk/curator/."""

from __future__ import annotations

from django.urls import path

from kulanz.web.curator import feelings, intents, overview, review, suggestions, versions

urlpatterns = [
    path("", overview.overview, name="curator"),
    path("training/", overview.progress, name="curator-progress"),
    path("train/", overview.train, name="curator-train"),
    path("notices/<int:notice_id>/seen/", overview.seen, name="curator-seen"),
    path("intent/", intents.intent, name="curator-intent"),
    path("intent/new/", intents.new, name="curator-new"),
    path("intent/add/", intents.add, name="curator-add"),
    path("intent/describe/", intents.describe, name="curator-describe"),
    path("examples/change/", intents.change, name="curator-change"),
    path("feelings/", feelings.feelings, name="curator-feelings"),
    path("feelings/change/", feelings.change, name="curator-feelings-change"),
    path("review/", review.review, name="curator-review"),
    path("review/decide/", review.decide, name="curator-decide"),
    path("review/effect/", review.effect, name="curator-effect"),
    path("rejected/", review.rejected, name="curator-rejected"),
    path("rejected/teach/", review.teach, name="curator-teach"),
    path("rejected/look/", review.look, name="curator-look"),
    path("suggestions/", suggestions.suggestions, name="curator-suggestions"),
    path("models/", versions.models, name="curator-models"),
    path("models/<int:model_id>/activate/", versions.activate, name="curator-activate"),
    path("changes/", versions.changes, name="curator-changes"),
    path("changes/<int:change_id>/undo/", intents.undo, name="curator-undo"),
    path("cases/", versions.cases, name="curator-cases"),
    path("cases/protect/", versions.protect, name="curator-protect"),
    path("cases/unprotect/", versions.unprotect, name="curator-unprotect"),
]
