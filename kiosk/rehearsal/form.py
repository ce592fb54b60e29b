"""The scenario's citizen on the pages of the application form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config.scenario_form import ApplicantData
from config.scenarios import Scenario
from kiosk.ports.bench import VirtualDevice
from kiosk.screens import common, form
from kiosk.screens.robot import WAIT, Reply

STRANGER = "330203197001010007"
"""A fictional identity number, on a code that is not the citizen's own."""


class Applicant:
    """Answers the screens of one visit. `unless` raises Cancelled on the page where the citizen turns away, `reach` lets happen what
    the scenario foresees there."""

    def __init__(
        self,
        scenario: Scenario,
        virtual: Mapping[str, VirtualDevice],
        unless: Callable[[str, Any], Any],
        reach: Callable[[str], None],
    ) -> None:
        self._wants = scenario.form or ApplicantData()
        self._virtual = virtual
        self._unless = unless
        self._reach = reach
        self._brought = False
        self._changed: list[str] = []
        self._answers = dict(self._wants.answers)
        self._went_back = False
        self._camera_failed = False
        self._retakes, self._retries, self._reprints = self._wants.retakes, self._wants.retries, self._wants.reprints
        self.replies: dict[type[Any], Reply] = {
            form.FormSections: self._sections,
            form.BringForm: self._bring,
            form.FormQuestion: self._question,
            form.SplitName: lambda screen: self._wants.surname_length or screen.surname_length,
            form.SpellName: self._spell,
            form.ChoosePhotoWay: self._photo_way,
            form.TakePhoto: lambda _: WAIT,
            form.PhotoTaken: self._photo,
            form.EnterPhotoReceipt: lambda _: self._wants.receipt,
            form.ReviewForm: self._review,
            form.PreviewForm: self._preview,
        }

    def button(self, screen: common.Message) -> str | None:
        """What this citizen presses where a message has a button of this service; None: what anybody would."""
        ids = {button.id for button in screen.buttons}
        if "missing" in ids:
            return "came" if self._wants.sees_paper else "missing"
        if "again" in ids and self._reprints:
            self._reprints -= 1
            return "again"
        if "taken" in ids:
            return "taken"
        if "other_way" in ids:
            self._camera_failed = True  # whoever could not be photographed goes on without
            return "other_way"
        if screen.code == "F-PRINT" and self._retries:
            self._retries -= 1
            return "retry"
        return None

    def _sections(self, screen: form.FormSections) -> str:
        self._unless("sections", None)
        return "phone" if self._wants.brings and screen.can_bring and not self._brought else "next"

    def _bring(self, screen: form.BringForm) -> Any:
        """Hold the phone before the scanner; when its code is not taken, go on without."""
        if screen.trouble:
            return "skip"
        if not self._brought:
            self._brought = True
            values = dict(self._wants.brings)
            if self._wants.phone_of == "stranger":
                values["id_no"] = STRANGER
            command = {"do": "prefill", "values": values, "forged": self._wants.phone_of == "forger"}
            code = self._virtual["exit_entry_platform"].control(command)["text"]
            self._virtual["qr_scanner"].control({"do": "show", "data": code})
        return WAIT

    def _question(self, screen: form.FormQuestion) -> dict[str, str]:
        self._unless("question", None)
        return {field.key: self._answers.get(field.key, field.value) for field in screen.fields if not field.locked}

    def _spell(self, screen: form.SpellName) -> form.PinyinAnswer:
        chosen = {("surname", n): reading.chosen for n, reading in enumerate(screen.spelt.surname)}
        chosen |= {("given", n): reading.chosen for n, reading in enumerate(screen.spelt.given)}
        for number, place in enumerate(screen.spelt.ambiguous):
            wanted = self._wants.readings[number] if number < len(self._wants.readings) else place.options[0]
            if wanted in place.options and not chosen[place.part, place.index]:
                return form.PinyinAnswer("reading", place.part, place.index, wanted)
        return form.PinyinAnswer("ok")

    def _photo_way(self, screen: form.ChoosePhotoWay) -> str:
        self._unless("photo", None)
        self._reach("photo")
        if self._wants.photo == "camera" and (self._camera_failed or not screen.camera):
            return "later"
        return self._wants.photo

    def _photo(self, _: form.PhotoTaken) -> str:
        if self._retakes:
            self._retakes -= 1
            return "again"
        return "ok"

    def _review(self, screen: form.ReviewForm) -> str:
        self._unless("form_review", None)
        offered = {row.question for section in screen.sections for row in section.rows}
        for question, answers in self._wants.changes.items():
            if question not in self._changed and question in offered:
                self._changed.append(question)
                self._answers |= answers
                return question
        return "next"

    def _preview(self, _: form.PreviewForm) -> str:
        self._unless("preview", None)
        if self._wants.goes_back and not self._went_back:
            self._went_back = True
            return "change"
        return "print"
