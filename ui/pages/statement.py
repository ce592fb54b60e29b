"""The citizen's own words: a statement or defence before a decision, or what they add to an objection.

The same page as a question of the application form, with the same keys. Here the button says what happens with what was written.
"""

from __future__ import annotations

from ui.pages.form_question import FormQuestionPage
from ui.widgets.bars import Action

STATE_HELP = (
    "选一句最接近的，或者点“其他”自己写。",
    "说了不会加重处罚，这条违法先不处理。",
    "不会打字，请呼叫工作人员，或者到窗口当面说。",
)
EXPLAIN_HELP = (
    "可以不填，直接提交。",
    "用键盘打字：打出拼音，上面会出现字，点一下就填上。",
    "不会打字，请呼叫工作人员，或者到窗口当面说。",
)


class _OwnWordsPage(FormQuestionPage):
    submit = "提交"

    def next_action(self) -> Action:
        action = super().next_action()
        return action if action.caption == "下一项" else action._replace(caption=self.submit, spoken="")


class StateDefencePage(_OwnWordsPage):
    submit = "提交申辩"

    def help_lines(self) -> tuple[str, ...]:
        return STATE_HELP


class ExplainObjectionPage(_OwnWordsPage):
    submit = "提交异议"

    def help_lines(self) -> tuple[str, ...]:
        return EXPLAIN_HELP
