"""The addresses of the supervisors' board, the report on the times, and the targets."""

from __future__ import annotations

from django.urls import path

from kulanz.web.desk import board, times, whispers

urlpatterns = [
    path("board/", board.board, name="desk-board"),
    path("board/parts/", board.parts, name="desk-board-parts"),
    path("board/stopped/", board.stopped, name="desk-stopped"),
    path("board/menu/", board.menu, name="desk-time-menu"),
    path("board/stop/", board.stop, name="desk-stop"),
    path("board/move/<int:agent_id>/", board.move, name="desk-move"),
    path("times/", times.times, name="desk-times"),
    path("times/export/", times.export, name="desk-times-export"),
    path("c/<uuid:conversation_id>/whispers/", whispers.whispers, name="desk-whispers"),
    path("c/<uuid:conversation_id>/whisper/", whispers.whisper, name="desk-whisper"),
    path("settings/levels/", times.targets, name="desk-levels"),
]
